// Counts the records on both sides of a flow whenever godwit claims that everything has been copied.
// Reads one JSON request per line from standard input and prints one JSON answer per line, with the request's `id`, as soon as it is
// ready; requests run in parallel. It ends when its input does.
//   watch  starts to watch a flow: flow (a name), source, target, topics (regular expression for whole names), isolation, prefix (of
//          target topics), optionally from: the first source offset to copy, by topic-partition. The source is then listed repeatedly.
//   judge  flow, asOf (ms since the epoch): what the source held at that time, and how much of it is on the target now
//   now    flow: lists the source now and compares all of it; also counts additional records on the target
//   end    flow: stops watching it
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Truth {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Map<String, Flow> flows = new ConcurrentHashMap<>();
    static final long KEPT_MS = 300_000;
    static final long READ_MS = 60_000;

    public static void main(String[] args) throws Exception {
        var threads = Executors.newCachedThreadPool();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode request = JSON.readTree(line);
            threads.execute(() -> print(answer(request)));
        }
        Runtime.getRuntime().halt(0);
    }

    static synchronized void print(Map<String, Object> answer) {
        try {
            System.out.println(JSON.writeValueAsString(answer));
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    static Map<String, Object> answer(JsonNode request) {
        var answer = new HashMap<String, Object>(Map.of("id", request.get("id").asLong()));
        try {
            answer.put("result", carryOut(request));
        } catch (Exception e) {
            answer.put("error", e.toString() + (e.getCause() == null ? "" : ": " + e.getCause()));
        }
        return answer;
    }

    static Object carryOut(JsonNode r) throws Exception {
        String name = r.get("flow").asText();
        switch (r.get("do").asText()) {
            case "watch" -> {
                var flow = new Flow(r);
                flows.put(name, flow);
                flow.list();
                flow.begin();
                return "done";
            }
            case "judge" -> { return flows.get(name).judge(r.get("asOf").asLong()); }
            case "now" -> { return flows.get(name).now(); }
            case "end" -> {
                flows.remove(name).ended = true;
                return "done";
            }
            default -> throw new IllegalArgumentException("unknown request " + r);
        }
    }

    /**
     * A listing of the source between two times: ids of the topics, and high watermarks. It contains everything acknowledged
     * before `begun`.
     */
    record Listing(long begun, long at, Map<String, Uuid> ids, Map<TopicPartition, Long> ends) {}

    /** The records of a partition in order, each as a hash of its bytes. */
    static final class Log {
        long next;
        int size;
        long[] offsets = new long[16];
        long[] sums = new long[16];
        /** this many records from the first one to copy are equal on both sides, in the same order */
        int matched;

        void add(long offset, long sum) {
            if (size == offsets.length) {
                offsets = Arrays.copyOf(offsets, size * 2);
                sums = Arrays.copyOf(sums, size * 2);
            }
            offsets[size] = offset;
            sums[size++] = sum;
        }

        /** records before this offset */
        int below(long offset) {
            int at = Arrays.binarySearch(offsets, 0, size, offset);
            return at < 0 ? -at - 1 : at;
        }
    }

    static final class Flow {
        final Pattern topics;
        final IsolationLevel isolation;
        final String prefix;
        final Map<String, Long> from = new HashMap<>();
        final Admin lister, source, target;
        final KafkaConsumer<byte[], byte[]> sourceReader, targetReader;
        final ConcurrentSkipListMap<Long, Listing> listings = new ConcurrentSkipListMap<>();
        final Map<TopicPartition, Log> here = new HashMap<>(), there = new HashMap<>();
        final Map<String, Uuid> hereIds = new HashMap<>(), thereIds = new HashMap<>();
        volatile boolean ended;

        Flow(JsonNode r) {
            topics = Pattern.compile(r.get("topics").asText());
            isolation = r.path("isolation").asText("read_committed").equals("read_committed") ? IsolationLevel.READ_COMMITTED : IsolationLevel.READ_UNCOMMITTED;
            prefix = r.path("prefix").asText("");
            r.path("from").properties().forEach(one -> from.put(one.getKey(), one.getValue().asLong()));
            String here = r.get("source").asText(), there = r.get("target").asText();
            lister = admin(here);
            source = admin(here);
            target = admin(there);
            sourceReader = reader(here, isolation);
            targetReader = reader(there, IsolationLevel.READ_UNCOMMITTED);
        }

        void begin() {
            var thread = new Thread(() -> {
                while (!ended) {
                    long begun = System.nanoTime();
                    try {
                        list();
                    } catch (Exception e) {
                        // A source that does not answer is not listed. Then there is no newer listing to check a claim with.
                    }
                    pause(Math.max(100, 2 * (System.nanoTime() - begun) / 1_000_000));
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        Listing list() throws Exception {
            long begun = System.currentTimeMillis();
            var ids = idsOf(lister, topics);
            var ends = endsOf(lister, ids.keySet(), IsolationLevel.READ_UNCOMMITTED);
            var listing = new Listing(begun, System.currentTimeMillis(), ids, ends);
            listings.put(listing.at, listing);
            listings.headMap(listing.at - KEPT_MS).clear();
            return listing;
        }

        Object now() throws Exception {
            return compare(list(), true);
        }

        Object judge(long asOf) throws Exception {
            var floor = listings.floorEntry(asOf);
            if (floor == null) return Map.of("known", false, "reason", "the source had not been listed by then");
            try {
                return compare(floor.getValue(), false);
            } catch (ExecutionException | org.apache.kafka.common.KafkaException e) {
                return Map.of("known", false, "reason", e.toString());
            }
        }

        /** Reads the end offsets of both sides at once. The records before them may be read later. */
        Map<String, Object> compare(Listing listing, boolean isLast) throws Exception {
            var copies = new java.util.HashSet<String>();
            listing.ids.keySet().forEach(topic -> copies.add(prefix + topic));
            var thereNow = idsOf(target, Pattern.compile(".*"));
            thereNow.keySet().retainAll(copies);
            var targetEnds = endsOf(target, thereNow.keySet(), IsolationLevel.READ_UNCOMMITTED);
            long at = System.currentTimeMillis();
            var hereNow = idsOf(source, topics);
            var same = new java.util.HashSet<String>();
            listing.ids.forEach((topic, id) -> { if (id.equals(hereNow.get(topic))) same.add(topic); });
            var decided = endsOf(source, same, isolation);
            return tally(listing, at, decided, hereNow, targetEnds, thereNow, isLast);
        }

        synchronized Map<String, Object> tally(Listing listing, long at, Map<TopicPartition, Long> decided, Map<String, Uuid> hereNow,
                Map<TopicPartition, Long> targetEnds, Map<String, Uuid> thereNow, boolean isLast) {
            if (forgetOthers(here, hereIds, hereNow)) there.values().forEach(log -> log.matched = 0);
            forgetOthers(there, thereIds, thereNow);
            var goals = new HashMap<TopicPartition, Long>();
            decided.forEach((tp, end) -> goals.put(tp, isLast ? end : Math.min(end, listing.ends.getOrDefault(tp, 0L))));
            read(sourceReader, here, goals);
            read(targetReader, there, targetEnds);
            long expected = 0, missing = 0, undecided = 0, extra = 0;
            boolean inOrder = true;
            var examples = new TreeMap<String, String>();
            for (var one : listing.ends.entrySet()) {
                var tp = one.getKey();
                if (!decided.containsKey(tp)) continue;
                var copy = new TopicPartition(prefix + tp.topic(), tp.partition());
                long open = Math.max(0, one.getValue() - decided.get(tp));
                var found = difference(tp, copy, one.getValue(), targetEnds.getOrDefault(copy, 0L));
                expected += found.expected;
                missing += found.missing;
                undecided += open;
                if (isLast) extra += extra(tp, copy);
                inOrder &= found.inOrder;
                if (found.missing + open > 0 && examples.size() < 6)
                    examples.put(tp.toString(), found.missing + " of " + found.expected + " missing" + (open > 0 ? ", " + open + " offsets behind an open transaction" : "")
                        + (thereNow.containsKey(copy.topic()) ? "" : ", there is no target topic"));
            }
            var result = new LinkedHashMap<String, Object>();
            result.put("known", true);
            result.put("listed", listing.at);
            result.put("judged", at);
            result.put("topics", listing.ids.size());
            result.put("partitions", listing.ends.size());
            result.put("expected", expected);
            result.put("missing", missing);
            result.put("undecided", undecided);
            result.put("extra", extra);
            result.put("inOrder", inOrder);
            result.put("examples", examples);
            return result;
        }

        record Difference(long expected, long missing, boolean inOrder) {}

        /** Records before `end` on the source that are not before `targetEnd` on the target. */
        Difference difference(TopicPartition tp, TopicPartition copy, long end, long targetEnd) {
            Log left = here.computeIfAbsent(tp, any -> new Log()), right = there.computeIfAbsent(copy, any -> new Log());
            int first = left.below(from.getOrDefault(tp.toString(), 0L));
            int expected = Math.max(0, left.below(end) - first), arrived = right.below(targetEnd);
            while (first + right.matched < left.size && right.matched < right.size && left.sums[first + right.matched] == right.sums[right.matched]) right.matched++;
            int common = Math.min(expected, arrived);
            if (right.matched >= common) return new Difference(expected, expected - common, true);
            var counts = new HashMap<Long, Integer>();
            for (int i = 0; i < arrived; i++) counts.merge(right.sums[i], 1, Integer::sum);
            long missing = 0;
            for (int i = first; i < first + expected; i++) if (counts.merge(left.sums[i], -1, Integer::sum) < 0) missing++;
            return new Difference(expected, missing, false);
        }

        /** Records on the target that the source does not have, or has less often. */
        long extra(TopicPartition tp, TopicPartition copy) {
            Log left = here.get(tp), right = there.get(copy);
            int first = left.below(from.getOrDefault(tp.toString(), 0L));
            var counts = new HashMap<Long, Integer>();
            for (int i = first; i < left.size; i++) counts.merge(left.sums[i], 1, Integer::sum);
            long extra = 0;
            for (int i = 0; i < right.size; i++) if (counts.merge(right.sums[i], -1, Integer::sum) < 0) extra++;
            return extra;
        }
    }

    /** Discards what was read of topics that were deleted or recreated; true if there were any. */
    static boolean forgetOthers(Map<TopicPartition, Log> logs, Map<String, Uuid> known, Map<String, Uuid> now) {
        boolean any = logs.keySet().removeIf(tp -> known.containsKey(tp.topic()) && !known.get(tp.topic()).equals(now.get(tp.topic())));
        known.clear();
        known.putAll(now);
        return any;
    }

    /** Reads until each of these partitions has reached its goal. */
    static void read(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Log> logs, Map<TopicPartition, Long> goals) {
        var left = new ArrayList<TopicPartition>();
        goals.forEach((tp, goal) -> { if (logs.computeIfAbsent(tp, any -> new Log()).next < goal) left.add(tp); });
        if (left.isEmpty()) return;
        consumer.assign(left);
        for (var tp : left) consumer.seek(tp, logs.get(tp).next);
        long deadline = System.nanoTime() + READ_MS * 1_000_000;
        while (!left.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200)))
                logs.get(new TopicPartition(record.topic(), record.partition())).add(record.offset(), sum(record));
            for (var tp : left) logs.get(tp).next = consumer.position(tp);
            left.removeIf(tp -> logs.get(tp).next >= goals.get(tp));
            if (System.nanoTime() > deadline) throw new org.apache.kafka.common.errors.TimeoutException("cannot be read: " + left);
        }
    }

    /** FNV-1a over timestamp, key and value. */
    static long sum(ConsumerRecord<byte[], byte[]> record) {
        long sum = 0xcbf29ce484222325L ^ record.timestamp();
        sum = sum(sum * 0x100000001b3L, record.key());
        return sum(sum, record.value());
    }

    static long sum(long sum, byte[] bytes) {
        if (bytes == null) return sum * 31 + 7;
        for (byte b : bytes) sum = (sum ^ (b & 0xff)) * 0x100000001b3L;
        return sum * 31 + bytes.length;
    }

    // ---- clients -----------------------------------------------------------------------------------------------------

    static Map<String, Uuid> idsOf(Admin admin, Pattern topics) throws Exception {
        var ids = new HashMap<String, Uuid>();
        for (var topic : admin.listTopics().listings().get()) if (topics.matcher(topic.name()).matches()) ids.put(topic.name(), topic.topicId());
        return ids;
    }

    /** End offsets of all partitions of these topics, except those without a leader and deleted ones. */
    static Map<TopicPartition, Long> endsOf(Admin admin, Collection<String> topics, IsolationLevel isolation) throws Exception {
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        for (var one : admin.describeTopics(Set.copyOf(topics)).topicNameValues().values()) {
            try {
                var topic = one.get();
                for (var p : topic.partitions()) if (p.leader() != null) asked.put(new TopicPartition(topic.name(), p.partition()), OffsetSpec.latest());
            } catch (ExecutionException e) {
                if (!isPassing(e)) throw e;
            }
        }
        var found = admin.listOffsets(asked, new ListOffsetsOptions(isolation));
        var ends = new HashMap<TopicPartition, Long>();
        for (var tp : asked.keySet()) {
            try {
                ends.put(tp, found.partitionResult(tp).get().offset());
            } catch (ExecutionException e) {
                if (!isPassing(e)) throw e;
            }
        }
        return ends;
    }

    static boolean isPassing(ExecutionException e) {
        return e.getCause() instanceof org.apache.kafka.common.errors.InvalidMetadataException || e.getCause() instanceof org.apache.kafka.common.errors.UnknownTopicIdException;
    }

    static Admin admin(String servers) {
        return Admin.create(Map.of("bootstrap.servers", servers, "default.api.timeout.ms", 8000, "request.timeout.ms", 4000, "reconnect.backoff.max.ms", 200));
    }

    static KafkaConsumer<byte[], byte[]> reader(String servers, IsolationLevel isolation) {
        var settings = Map.<String, Object>of("bootstrap.servers", servers, "isolation.level", isolation.toString(), "enable.auto.commit", "false",
            "auto.offset.reset", "earliest", "default.api.timeout.ms", "10000", "allow.auto.create.topics", "false", "fetch.max.wait.ms", "20", "max.poll.records", "10000", "reconnect.backoff.max.ms", "200");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
