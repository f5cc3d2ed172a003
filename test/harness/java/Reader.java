// Reads topics with Kafka's own consumer from their first offset to the end. Prints one JSON line per partition: counts, a digest
// of all records in order, and which numbers of Load.java are missing, duplicated or reordered. The first line of stdin is a JSON
// object (see oracle.ts). Independent of the copying program.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Reader {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long SWEEP_MS = 200;

    final JsonNode wish;
    final KafkaConsumer<byte[], byte[]> consumer;
    final Map<TopicPartition, Tally> tallies = new HashMap<>();
    final Set<TopicPartition> unread = new HashSet<>();
    final long patienceMs;
    long total;

    Reader(JsonNode wish) {
        this.wish = wish;
        this.patienceMs = wish.get("patienceMs").asLong();
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", wish.get("bootstrap").asText(), "isolation.level", wish.get("isolation").asText(),
            "key.deserializer", ByteArrayDeserializer.class, "value.deserializer", ByteArrayDeserializer.class,
            "enable.auto.commit", false, "auto.offset.reset", "none", "allow.auto.create.topics", false,
            "fetch.max.bytes", 16 << 20, "max.poll.records", 10_000));
        wish.get("client").fields().forEachRemaining((entry) -> settings.put(entry.getKey(), entry.getValue().asText()));
        this.consumer = new KafkaConsumer<>(settings);
    }

    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var reader = new Reader(JSON.readTree(input.readLine()));
        try (var consumer = reader.consumer) {
            reader.read();
        }
        for (var place : reader.inOrder()) System.out.println(JSON.writeValueAsString(reader.tallies.get(place).line(place)));
    }

    void read() throws Exception {
        var known = consumer.listTopics(Duration.ofMillis(patienceMs));
        for (JsonNode topic : wish.get("topics")) {
            var partitions = known.get(topic.asText());
            if (partitions == null) continue;
            for (var partition : partitions) tallies.put(new TopicPartition(topic.asText(), partition.partition()), new Tally());
        }
        if (tallies.isEmpty()) return;
        consumer.assign(tallies.keySet());
        consumer.beginningOffsets(tallies.keySet()).forEach((place, offset) -> tallies.get(place).start = offset);
        tallies.forEach((place, tally) -> consumer.seek(place, tally.start));
        long atLeast = wish.get("atLeast").asLong();
        long deadline = System.currentTimeMillis() + wish.get("withinMs").asLong();
        do {
            findEnds();
            readToEnds();
        } while (total < atLeast && System.currentTimeMillis() < deadline);
    }

    void findEnds() {
        consumer.endOffsets(tallies.keySet(), Duration.ofMillis(patienceMs)).forEach((place, end) -> {
            tallies.get(place).end = end;
            if (consumer.position(place) < end) unread.add(place);
        });
        consumer.resume(unread);
        var read = new HashSet<>(tallies.keySet());
        read.removeAll(unread);
        consumer.pause(read);
    }

    void readToEnds() {
        long lastSweep = 0, lastProgress = System.currentTimeMillis();
        while (!unread.isEmpty()) {
            var records = consumer.poll(Duration.ofMillis(100));
            long now = System.currentTimeMillis();
            for (var record : records) take(record);
            // Offsets advance without records too: control records, aborted records, compaction gaps.
            if (now - lastSweep >= SWEEP_MS || records.isEmpty()) {
                lastSweep = now;
                if (sweep() || !records.isEmpty()) lastProgress = now;
            }
            if (now - lastProgress > patienceMs) throw new IllegalStateException("no progress for " + patienceMs + " ms, not read to the end: " + unread);
        }
    }

    /** Pauses the partitions that were read to the end. */
    boolean sweep() {
        var done = new ArrayList<TopicPartition>();
        for (var place : unread) if (consumer.position(place) >= tallies.get(place).end) done.add(place);
        unread.removeAll(done);
        consumer.pause(done);
        return !done.isEmpty();
    }

    void take(ConsumerRecord<byte[], byte[]> record) {
        tallies.get(new TopicPartition(record.topic(), record.partition())).add(record);
        total++;
    }

    List<TopicPartition> inOrder() {
        Map<String, TopicPartition> sorted = new TreeMap<>();
        for (var place : tallies.keySet()) sorted.put(String.format("%s\0%010d", place.topic(), place.partition()), place);
        return new ArrayList<>(sorted.values());
    }

    /** The result for one partition. */
    static class Tally {
        final MessageDigest digest = sha256();
        final BitSet seen = new BitSet();
        long start, end, records, bytes, firstOffset = -1, lastOffset = -1, firstTimestamp = -1, lastTimestamp = -1;
        long doubled, outOfOrder, aborted, misplaced, unnumbered;
        int highest = -1;
        String firstFault = "";

        void add(ConsumerRecord<byte[], byte[]> record) {
            if (records++ == 0) {
                firstOffset = record.offset();
                firstTimestamp = record.timestamp();
            }
            lastOffset = record.offset();
            lastTimestamp = record.timestamp();
            digest(record);
            count(record);
        }

        void digest(ConsumerRecord<byte[], byte[]> record) {
            digest.update(ByteBuffer.allocate(8).putLong(record.timestamp()).array());
            add(record.key());
            add(record.value());
            var headers = record.headers().toArray();
            digest.update(ByteBuffer.allocate(4).putInt(headers.length).array());
            for (var header : headers) {
                add(header.key().getBytes(StandardCharsets.UTF_8));
                add(header.value());
            }
        }

        void add(byte[] part) {
            digest.update(ByteBuffer.allocate(4).putInt(part == null ? -1 : part.length).array());
            if (part == null) return;
            digest.update(part);
            bytes += part.length;
        }

        void count(ConsumerRecord<byte[], byte[]> record) {
            byte[] name = record.key() != null ? record.key() : record.value();
            int mark = markOf(name);
            if (mark < 0) {
                unnumbered++;
                return;
            }
            if (digits(name, 0, mark) != record.partition()) fault(record, ++misplaced, "of another partition");
            if (name[mark] == '!') {
                fault(record, ++aborted, "of an aborted transaction");
                return;
            }
            int number = (int) digits(name, mark + 1, name.length);
            if (seen.get(number)) fault(record, ++doubled, "a second time");
            else if (number < highest) fault(record, ++outOfOrder, "after a later one");
            seen.set(number);
            highest = Math.max(highest, number);
        }

        void fault(ConsumerRecord<byte[], byte[]> record, long count, String what) {
            if (!firstFault.isEmpty()) return;
            byte[] name = record.key() != null ? record.key() : record.value();
            firstFault = "offset " + record.offset() + ": " + new String(name, 0, Math.min(24, name.length), StandardCharsets.ISO_8859_1) + " " + what;
        }

        long missing() {
            return seen.length() - seen.cardinality() - Math.max(0, seen.nextSetBit(0));
        }

        Map<String, Object> line(TopicPartition place) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("topic", place.topic());
            line.put("partition", place.partition());
            line.put("records", records);
            line.put("bytes", bytes);
            line.put("startOffset", start);
            line.put("endOffset", end);
            line.put("firstOffset", firstOffset);
            line.put("lastOffset", lastOffset);
            line.put("firstTimestamp", firstTimestamp);
            line.put("lastTimestamp", lastTimestamp);
            line.put("lowest", seen.nextSetBit(0));
            line.put("highest", highest);
            line.put("missing", missing());
            line.put("firstMissing", missing() == 0 ? -1 : seen.nextClearBit(seen.nextSetBit(0)));
            line.put("doubled", doubled);
            line.put("outOfOrder", outOfOrder);
            line.put("aborted", aborted);
            line.put("misplaced", misplaced);
            line.put("unnumbered", unnumbered);
            line.put("firstFault", firstFault);
            line.put("digest", HexFormat.of().formatHex(digest.digest()));
            return line;
        }

        /** The position of the mark in "3#42" or "3!42"; -1 if this is not a number of Load.java. */
        static int markOf(byte[] name) {
            if (name == null) return -1;
            int at = 0;
            while (at < name.length && name[at] >= '0' && name[at] <= '9') at++;
            boolean marked = at > 0 && at < 10 && at + 1 < name.length && (name[at] == '#' || name[at] == '!');
            return marked && name[at + 1] >= '0' && name[at + 1] <= '9' ? at : -1;
        }

        static long digits(byte[] text, int from, int to) {
            long number = 0;
            for (int i = from; i < to && text[i] >= '0' && text[i] <= '9'; i++) number = number * 10 + text[i] - '0';
            return number;
        }

        static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (java.security.NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
