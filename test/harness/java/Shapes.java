// A server for one test file that creates topics and produces unusual records with Kafka's own clients. Prints its port; then one
// JSON request and one JSON answer per line ("error" if it failed). It ends with the connection.
//   java -cp 'JARS/*' Shapes.java
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Shapes {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Map<String, Admin> admins = new HashMap<>();
    static final Map<String, KafkaProducer<byte[], byte[]>> transactional = new HashMap<>();

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
        String topic = r.path("topic").asText();
        var partition = new TopicPartition(topic, r.path("partition").asInt());
        switch (r.get("do").asText()) {
            case "create" -> {
                admin(r).createTopics(List.of(newTopic(r).configs(texts(r.get("configs"))))).all().get();
                awaitLed(r);
            }
            case "produce" -> { return produce(r); }
            case "begin" -> begin(r);
            case "send" -> send(r);
            case "end" -> end(r);
            case "delete" -> admin(r).deleteTopics(List.of(topic)).all().get();
            case "trim" -> admin(r).deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(r.get("before").asLong()))).all().get();
            case "alter" -> alter(r);
            case "grow" -> admin(r).createPartitions(Map.of(topic, NewPartitions.increaseTo(r.get("partitions").asInt()))).all().get();
            case "ends" -> { return ends(r); }
            case "configs" -> { return configs(r); }
            case "topics" -> { return admin(r).listTopics().names().get(); }
            case "await holes" -> awaitHoles(r);
            default -> throw new IllegalArgumentException("unknown request " + r);
        }
        return "done";
    }

    /**
     * linger: ms, 20 by default; count: records; partitions: these in turn, else by key; codec; batch: batch.size; time and step
     * in ms; pause: ms to wait after every hundred; keys: number of different keys (0: null keys, absent: all different); size of
     * the value, else a short text; also: what differs in a second record for each, e.g. topic and time; awkward: includes null
     * keys, tombstones, empty values, headers of all kinds.
     */
    static Object produce(JsonNode r) throws Exception {
        var refused = new AtomicReference<Exception>();
        var settings = new HashMap<String, Object>(Map.of("linger.ms", r.path("linger").asText("20")));
        settings.put("compression.type", r.path("codec").asText("none"));
        if (r.has("batch")) settings.put("batch.size", r.get("batch").asText());
        settings.put("max.request.size", "8388608");
        ObjectNode also = r.has("also") ? ((ObjectNode) r.deepCopy()).setAll((ObjectNode) r.get("also")) : null;
        try (var producer = producer(r.get("on").asText(), settings)) {
            for (int i = 0; i < r.path("count").asInt(1); i++) {
                producer.send(record(r, i), (done, error) -> { if (error != null) refused.compareAndSet(null, error); });
                if (also != null) producer.send(record(also, i), (done, error) -> { if (error != null) refused.compareAndSet(null, error); });
                if (r.has("pause") && i % 100 == 99) Thread.sleep(r.get("pause").asLong());
            }
        }
        if (refused.get() != null) throw refused.get();
        return ends(r);
    }

    static ProducerRecord<byte[], byte[]> record(JsonNode r, int i) {
        String label = r.path("label").asText("r");
        Integer partition = r.has("partitions") ? (Integer) r.get("partitions").get(i % r.get("partitions").size()).asInt() : r.has("partition") ? (Integer) r.get("partition").asInt() : null;
        long time = r.path("time").asLong(System.currentTimeMillis()) + i * r.path("step").asLong(0);
        int keys = r.path("keys").asInt(Integer.MAX_VALUE);
        byte[] key = keys == 0 ? null : bytes(label + "-" + (r.has("keys") ? new Random(time).nextInt(keys) : i));
        byte[] value = bytes(label + " value " + i);
        Headers headers = new RecordHeaders();
        if (r.has("size")) {
            value = new byte[r.get("size").asInt()];
            new Random(i).nextBytes(value);
        }
        if (r.path("text").asInt() > 0) value = bytes((label + " " + i + " ").repeat(r.get("text").asInt()));
        if (r.path("awkward").asBoolean()) {
            if (i % 3 == 0) headers.add("trace", bytes("t-" + i)).add("trace", bytes("again-" + i));
            if (i % 5 == 0) headers.add("no-value", null).add("empty", new byte[0]).add("", bytes("no name"));
            if (i % 7 == 0) key = null;
            else if (i % 11 == 0) key = new byte[0];
            if (i % 13 == 0) value = null;
            else if (i % 17 == 0) value = new byte[0];
            else value = bytes(label + " d\u00e9livr\u00e9 \ud83c\udf55 " + "baking ".repeat(i % 40));
        }
        if (r.has("tombstones") && i % r.get("tombstones").asInt() == 0) value = null;
        return new ProducerRecord<>(r.get("topic").asText(), partition, time, key, value, headers);
    }

    // ---- transactions: begin, send and end name one by `id` ----------------------------------------------------------

    static void begin(JsonNode r) {
        transactional.computeIfAbsent(r.get("id").asText(), id -> {
            var made = producer(r.get("on").asText(), Map.of("transactional.id", id, "compression.type", r.path("codec").asText("none"), "transaction.timeout.ms", "60000"));
            made.initTransactions();
            return made;
        }).beginTransaction();
    }

    static void send(JsonNode r) throws Exception {
        var producer = transactional.get(r.get("id").asText());
        for (int i = 0; i < r.path("count").asInt(1); i++) producer.send(record(r, i));
        producer.flush();
    }

    static void end(JsonNode r) {
        var producer = transactional.get(r.get("id").asText());
        if (r.get("how").asText().equals("commit")) producer.commitTransaction();
        else producer.abortTransaction();
    }

    /** replicasOn: brokers of its only partition, the leader first; otherwise partitions and replicas are numbers. */
    static NewTopic newTopic(JsonNode r) {
        String topic = r.get("topic").asText();
        if (!r.has("replicasOn")) return new NewTopic(topic, r.path("partitions").asInt(1), (short) r.path("replicas").asInt(1));
        var brokers = new ArrayList<Integer>();
        r.get("replicasOn").forEach(id -> brokers.add(id.asInt()));
        return new NewTopic(topic, Map.of(0, brokers));
    }

    // ---- topics ------------------------------------------------------------------------------------------------------

    /** set: configs by name; remove: names of configs to reset to the default. */
    static void alter(JsonNode r) throws Exception {
        var operations = new ArrayList<AlterConfigOp>();
        texts(r.get("set")).forEach((name, value) -> operations.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        r.path("remove").forEach(name -> operations.add(new AlterConfigOp(new ConfigEntry(name.asText(), null), AlterConfigOp.OpType.DELETE)));
        admin(r).incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, r.get("topic").asText()), operations)).all().get();
    }

    /** partition -> end offset */
    /** The controller answers before the broker leads the partitions; their end offsets are available only after that. */
    static void awaitLed(JsonNode r) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                ends(r);
                return;
            } catch (ExecutionException e) {
                if (tries == 50 || !(e.getCause() instanceof UnknownTopicOrPartitionException)) throw e;
                Thread.sleep(100);
            }
        }
    }

    static Map<String, Long> ends(JsonNode r) throws Exception {
        String topic = r.get("topic").asText();
        int partitions = admin(r).describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        for (int p = 0; p < partitions; p++) asked.put(new TopicPartition(topic, p), OffsetSpec.latest());
        var ends = new TreeMap<String, Long>();
        admin(r).listOffsets(asked).all().get().forEach((tp, end) -> ends.put("" + tp.partition(), end.offset()));
        return ends;
    }

    /** The configs set on the topic itself. */
    static Map<String, String> configs(JsonNode r) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, r.get("topic").asText());
        var set = new TreeMap<String, String>();
        for (var entry : admin(r).describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
            if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) set.put(entry.name(), entry.value());
        }
        return set;
    }

    /** Waits until the cleaner has left at most `most` records in the topic, then stops further cleaning. */
    static void awaitHoles(JsonNode r) throws Exception {
        long deadline = System.nanoTime() + 90_000_000_000L;
        while (count(r) > r.get("most").asLong()) {
            if (System.nanoTime() > deadline) throw new IllegalStateException("the cleaner left no holes in 90 s, but " + count(r) + " records");
            Thread.sleep(300);
        }
        // Each cluster cleans at its own times; only logs that are no longer cleaned can be compared record by record.
        alter(JSON.readTree(JSON.writeValueAsString(Map.of("on", r.get("on").asText(), "topic", r.get("topic").asText(), "set", Map.of("min.compaction.lag.ms", "604800000")))));
        for (long before = -1, now = count(r); now != before; now = count(r)) {
            before = now;
            Thread.sleep(1000);
        }
    }

    static long count(JsonNode r) throws Exception {
        var settings = Map.<String, Object>of("bootstrap.servers", r.get("on").asText(), "enable.auto.commit", "false", "fetch.max.wait.ms", "20");
        try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions = new ArrayList<TopicPartition>();
            consumer.partitionsFor(r.get("topic").asText()).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            long found = 0;
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) found += consumer.poll(Duration.ofMillis(200)).count();
            return found;
        }
    }

    // ---- clients -----------------------------------------------------------------------------------------------------

    static Admin admin(JsonNode r) {
        return admins.computeIfAbsent(r.get("on").asText(), servers -> Admin.create(Map.of("bootstrap.servers", servers)));
    }

    static KafkaProducer<byte[], byte[]> producer(String servers, Map<String, Object> more) {
        var settings = new HashMap<String, Object>(more);
        settings.put("bootstrap.servers", servers);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static Map<String, String> texts(JsonNode node) {
        var map = new HashMap<String, String>();
        if (node != null) node.properties().forEach(field -> map.put(field.getKey(), field.getValue().asText()));
        return map;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
