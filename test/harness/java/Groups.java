// A server for one test file that manages consumer groups with Kafka's clients, and reads MM2's topics with RemoteClusterUtils.
// Prints its port; then one JSON request and one JSON answer per line ("error" if it failed).
// It ends with the connection. Offsets are written as {"topic-partition": offset}.
//   java -cp 'JARS/*' Groups.java
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.mirror.Checkpoint;
import org.apache.kafka.connect.mirror.MirrorClient;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;

public class Groups {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Map<String, Admin> admins = new HashMap<>();
    static final Map<String, Member> members = new HashMap<>();

    public static void main(String[] args) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(server.getLocalPort());
            try (var socket = server.accept()) {
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    socket.getOutputStream().write((JSON.writeValueAsString(answer(line)) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        Runtime.getRuntime().halt(0);
    }

    static Map<String, Object> answer(String line) {
        try {
            return new HashMap<>(Map.of("result", carryOut(JSON.readTree(line))));
        } catch (Exception e) {
            return Map.of("error", e.toString() + (e.getCause() == null ? "" : ": " + e.getCause()));
        }
    }

    static Object carryOut(JsonNode r) throws Exception {
        switch (r.get("do").asText()) {
            case "commit" -> commit(r);
            case "commit many" -> { return commitMany(r); }
            case "committed" -> { return committed(r, r.get("group").asText()); }
            case "join" -> members.put(r.get("id").asText(), new Member(r));
            case "leave" -> members.remove(r.get("id").asText()).leave();
            case "consume" -> { return consume(r); }
            case "resume" -> { return resume(r); }
            case "read" -> { return read(r); }
            case "remote" -> { return remote(r); }
            case "raw" -> { return raw(r, r.get("topic").asText()); }
            case "delete groups" -> admin(r).deleteConsumerGroups(List.of(r.get("group").asText())).all().get();
            default -> throw new IllegalArgumentException("unknown request " + r);
        }
        return "done";
    }

    // ---- offsets -----------------------------------------------------------------------------------------------------

    static void commit(JsonNode r) throws Exception {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        r.get("offsets").properties().forEach(e -> offsets.put(parsed(e.getKey()), new OffsetAndMetadata(e.getValue().asLong(), r.path("metadata").asText(""))));
        admin(r).alterConsumerGroupOffsets(r.get("group").asText(), offsets).all().get();
    }

    /** groups `prefix-0` ... of a number, each at `offset` of the first `partitions` partitions of the topic */
    static int commitMany(JsonNode r) throws Exception {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        for (int p = 0; p < r.get("partitions").asInt(); p++) offsets.put(new TopicPartition(r.get("topic").asText(), p), new OffsetAndMetadata(r.get("offset").asLong()));
        var pending = new ArrayList<org.apache.kafka.common.KafkaFuture<Void>>();
        for (int i = 0; i < r.get("groups").asInt(); i++) {
            pending.add(admin(r).alterConsumerGroupOffsets(r.get("prefix").asText() + "-" + i, offsets).all());
            if (pending.size() % 500 == 0) for (var one : pending) one.get();
        }
        for (var one : pending) one.get();
        return pending.size();
    }

    static Map<String, Long> committed(JsonNode r, String group) throws Exception {
        var found = new TreeMap<String, Long>();
        admin(r).listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().forEach((tp, offset) -> { if (offset != null) found.put(tp.toString(), offset.offset()); });
        return found;
    }

    // ---- members -----------------------------------------------------------------------------------------------------

    /** A consumer that stays in its group until a request to leave. */
    static class Member {
        final KafkaConsumer<byte[], byte[]> consumer;
        final Thread thread;
        volatile boolean stop = false;

        Member(JsonNode r) throws Exception {
            var settings = new HashMap<String, Object>(Map.of("client.id", r.path("client").asText("member"), "group.protocol", r.path("protocol").asText("classic"), "auto.offset.reset", "earliest"));
            if (r.has("instance")) settings.put("group.instance.id", r.get("instance").asText());
            consumer = consumer(r, r.get("group").asText(), settings);
            consumer.subscribe(topics(r));
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (consumer.assignment().isEmpty()) {
                if (System.nanoTime() > deadline) throw new IllegalStateException("the consumer was assigned nothing");
                consumer.poll(Duration.ofMillis(100));
            }
            thread = new Thread(() -> { while (!stop) consumer.poll(Duration.ofMillis(100)); });
            thread.start();
        }

        void leave() throws Exception {
            stop = true;
            thread.join();
            consumer.close();
        }
    }

    /**
     * Each of `groups` reads up to `most` records, a random number, as a member of its group from its current offset; commits
     * what it has read, or only a part of it; and leaves. Several groups run in parallel. Returns the total number of records.
     */
    static int consume(JsonNode r) throws Exception {
        var pool = Executors.newFixedThreadPool(r.path("atOnce").asInt(6));
        try {
            var all = new ArrayList<Future<Integer>>();
            for (JsonNode group : r.get("groups")) {
                var random = new Random(r.get("seed").asLong() + all.size());
                all.add(pool.submit(() -> consumeOne(r, group.asText(), random)));
            }
            int read = 0;
            for (var one : all) read += one.get();
            return read;
        } finally {
            pool.shutdownNow();
        }
    }

    static int consumeOne(JsonNode r, String group, Random random) {
        int wanted = 1 + random.nextInt(r.get("most").asInt());
        int read = 0;
        var settings = Map.<String, Object>of("auto.offset.reset", "earliest", "max.poll.records", "17", "isolation.level", r.path("isolation").asText("read_uncommitted"), "group.protocol", r.path("protocol").asText("classic"));
        try (var consumer = consumer(r, group, settings)) {
            consumer.subscribe(topics(r));
            var next = new HashMap<TopicPartition, OffsetAndMetadata>();
            long deadline = System.nanoTime() + 15_000_000_000L;
            while (read < wanted && System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    if (read++ >= wanted) break;
                    // Sometimes the last records are not committed: the group reads them again, wherever it continues.
                    if (read < wanted || random.nextBoolean()) next.put(new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                }
            }
            consumer.commitSync(next);
        }
        return read;
    }

    /**
     * As an application that moves here: reads each partition from its offset in `offsets`, else from the offset that `group` has
     * committed, else from the start, up to the current end; commits its position. Returns for each partition where it started,
     * how many records it read, and its first value.
     */
    static Map<String, Object> read(JsonNode r) {
        var found = new TreeMap<String, Object>();
        try (var consumer = consumer(r, r.get("group").asText(), Map.of("auto.offset.reset", "earliest", "fetch.max.wait.ms", "5"))) {
            var partitions = new ArrayList<TopicPartition>();
            for (String topic : topics(r)) consumer.partitionsFor(topic).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            consumer.assign(partitions);
            r.path("offsets").properties().forEach(e -> consumer.seek(parsed(e.getKey()), e.getValue().asLong()));
            var ends = consumer.endOffsets(partitions);
            for (var partition : partitions) found.put(partition.toString(), new HashMap<>(Map.of("from", consumer.position(partition), "read", 0, "first", "")));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)) && System.nanoTime() < deadline) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    @SuppressWarnings("unchecked") var one = (Map<String, Object>) found.get(record.topic() + "-" + record.partition());
                    if (one.merge("read", 1, (a, b) -> (int) a + (int) b).equals(1)) one.put("first", new String(record.value(), StandardCharsets.UTF_8));
                }
            }
            consumer.commitSync();
        }
        return found;
    }

    /**
     * For each group: a consumer that continues from the committed offset on the target must first read the same record as one on
     * the source. `copies`: name on the target by name on the source. Returns the differences.
     */
    static List<String> resume(JsonNode r) throws Exception {
        var wrong = new ArrayList<String>();
        // A fetch that waits at the end of one partition would delay the first fetch of the next.
        var isolation = Map.<String, Object>of("isolation.level", r.path("isolation").asText("read_uncommitted"), "auto.offset.reset", "none", "fetch.max.wait.ms", "5");
        try (var source = consumer(r, "source", "probe", isolation); var target = consumer(r, "target", "probe", isolation)) {
            for (JsonNode node : r.get("groups")) {
                String group = node.asText();
                var here = admin(r.get("source").asText()).listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
                var there = admin(r.get("target").asText()).listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
                for (var entry : here.entrySet()) {
                    var copy = new TopicPartition(r.get("copies").path(entry.getKey().topic()).asText(entry.getKey().topic()), entry.getKey().partition());
                    var found = there.get(copy);
                    String place = group + " " + entry.getKey() + " at " + entry.getValue().offset();
                    if (found == null) { wrong.add(place + ": nothing is committed on the target"); continue; }
                    String due = first(source, entry.getKey(), entry.getValue().offset());
                    String got = first(target, copy, found.offset());
                    if (!due.equals(got)) wrong.add(place + ", on the target at " + found.offset() + ": reads " + got + ", not " + due);
                }
            }
        }
        return wrong;
    }

    static String first(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) {
        consumer.assign(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        consumer.seek(partition, offset);
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (consumer.position(partition) < end && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                return record.timestamp() + " " + Arrays.hashCode(record.key()) + " " + Arrays.hashCode(record.value());
            }
        }
        return "nothing";
    }

    // ---- MM2's client ------------------------------------------------------------------------------------------------

    static Object remote(JsonNode r) throws Exception {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", r.get("on").asText());
        r.path("settings").properties().forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
        String alias = r.path("alias").asText();
        switch (r.get("ask").asText()) {
            case "upstreamClusters" -> { return new TreeSet<>(RemoteClusterUtils.upstreamClusters(settings)); }
            case "replicationHops" -> { return RemoteClusterUtils.replicationHops(settings, alias); }
            case "heartbeatTopics" -> { return new TreeSet<>(RemoteClusterUtils.heartbeatTopics(settings)); }
            case "checkpointTopics" -> { return new TreeSet<>(RemoteClusterUtils.checkpointTopics(settings)); }
            case "translateOffsets" -> { return texts(RemoteClusterUtils.translateOffsets(settings, alias, r.get("group").asText(), Duration.ofSeconds(20))); }
            case "translateAll" -> { return translateAll(settings, alias, r.get("groups").asText()); }
            case "remoteTopics" -> { try (var client = new MirrorClient(settings)) { return new TreeSet<>(alias.isEmpty() ? client.remoteTopics() : client.remoteTopics(alias)); } }
            case "checkpoints" -> { return checkpoints(r, r.get("topic").asText()); }
            default -> throw new IllegalArgumentException("unknown question " + r);
        }
    }

    /** The offsets of all groups that match a pattern (KIP-1239); only clients of 4.3 and later support this. */
    @SuppressWarnings("unchecked")
    static Object translateAll(Map<String, Object> settings, String alias, String groups) throws Exception {
        var asked = RemoteClusterUtils.class.getMethod("translateOffsets", Map.class, String.class, Pattern.class, Duration.class);
        var answer = (Map<String, Map<TopicPartition, OffsetAndMetadata>>) asked.invoke(null, settings, alias, Pattern.compile(groups), Duration.ofSeconds(20));
        var found = new TreeMap<String, Object>();
        answer.forEach((group, offsets) -> found.put(group, texts(offsets)));
        return found;
    }

    /** Every checkpoint in the topic, in order, as Java's own class prints it. */
    static List<String> checkpoints(JsonNode r, String topic) {
        return records(r, topic).stream().map(record -> Checkpoint.deserializeRecord(record).toString()).toList();
    }

    /** Every record of partition 0: key and value in hex, timestamp, number of headers. */
    static List<Map<String, Object>> raw(JsonNode r, String topic) {
        var hex = HexFormat.of();
        return records(r, topic).stream().map(record -> Map.<String, Object>of("key", hex.formatHex(record.key()), "value", hex.formatHex(record.value()), "timestamp", record.timestamp(), "headers", record.headers().toArray().length)).toList();
    }

    static List<ConsumerRecord<byte[], byte[]>> records(JsonNode r, String topic) {
        var all = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer = consumer(r, "record-reader", Map.of("auto.offset.reset", "earliest"))) {
            var partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(all::add);
            }
        }
        return all;
    }

    // ---- plumbing ----------------------------------------------------------------------------------------------------

    static Map<String, Long> texts(Map<TopicPartition, OffsetAndMetadata> offsets) {
        var found = new TreeMap<String, Long>();
        offsets.forEach((tp, offset) -> found.put(tp.toString(), offset.offset()));
        return found;
    }

    static TopicPartition parsed(String text) {
        int at = text.lastIndexOf('-');
        return new TopicPartition(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
    }

    static Collection<String> topics(JsonNode r) {
        Set<String> topics = new TreeSet<>();
        r.get("topics").forEach(one -> topics.add(one.asText()));
        return topics;
    }

    static KafkaConsumer<byte[], byte[]> consumer(JsonNode r, String group, Map<String, Object> more) {
        return consumer(r, "on", group, more);
    }

    static KafkaConsumer<byte[], byte[]> consumer(JsonNode r, String cluster, String group, Map<String, Object> more) {
        var settings = new HashMap<String, Object>(more);
        settings.put("bootstrap.servers", r.get(cluster).asText());
        settings.put("group.id", group);
        settings.put("enable.auto.commit", "false");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static Admin admin(JsonNode r) {
        return admin(r.get("on").asText());
    }

    static Admin admin(String bootstrap) {
        return admins.computeIfAbsent(bootstrap, it -> Admin.create(Map.of("bootstrap.servers", it)));
    }
}
