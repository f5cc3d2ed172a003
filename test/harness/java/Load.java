// Produces numbered records with Kafka's own producer, so that Reader.java can count missing, duplicated and reordered ones. The
// first line of stdin is a JSON object (see load.ts). A record of partition 3 with number 42 has the key "3#42", and a value that
// starts with "3#42 "; records of aborted transactions have "3!n" instead and do not use numbers. Prints a line of JSON every
// second, and a last one with the acknowledged records per partition.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Load {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long SECOND = 1_000_000_000L;

    final JsonNode wish;
    final List<String> topics = new ArrayList<>();
    final int partitions;
    final byte[] filler;
    final List<Header> headers = new ArrayList<>();
    final long startTime;
    final boolean transactional;
    /** next number, acknowledged and first refusal; by topic and partition */
    final long[] next;
    final AtomicLongArray acknowledged;
    final AtomicLongArray lastOffset;
    final AtomicLong total = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    volatile String refusal = "";
    volatile boolean stopped;
    long sent;
    long aborted;

    Load(JsonNode wish) {
        this.wish = wish;
        wish.get("topics").forEach((topic) -> topics.add(topic.asText()));
        partitions = wish.get("partitions").asInt();
        filler = filler(wish.get("valueBytes").asInt());
        for (int i = 0; i < wish.get("headers").asInt(); i++) headers.add(new RecordHeader("header-" + i, ("value " + i).getBytes(StandardCharsets.UTF_8)));
        String start = wish.path("startTime").asText("");
        startTime = start.isEmpty() ? -1 : Instant.parse(start).toEpochMilli();
        transactional = wish.get("transactionRecords").asInt() > 0;
        int slots = topics.size() * partitions;
        next = new long[slots];
        java.util.Arrays.fill(next, wish.get("first").asLong());
        acknowledged = new AtomicLongArray(slots);
        lastOffset = new AtomicLongArray(slots);
    }

    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var load = new Load(JSON.readTree(input.readLine()));
        load.createTopics();
        if (load.wish.get("untilStopped").asBoolean()) daemon(() -> {
            while (input.readLine() != null) { /* the end is the sign */ }
            load.stopped = true;
        });
        daemon(load::reportEverySecond);
        load.run();
        load.report("done");
        System.out.flush();
        System.exit(load.refused.get() == 0 ? 0 : 1);
    }

    void createTopics() throws Exception {
        Map<String, String> configs = new HashMap<>();
        wish.get("topicConfigs").fields().forEachRemaining((config) -> configs.put(config.getKey(), config.getValue().asText()));
        try (var admin = Admin.create(settings())) {
            for (String topic : topics) {
                var wanted = new NewTopic(topic, partitions, (short) wish.get("replication").asInt()).configs(configs);
                try {
                    admin.createTopics(Set.of(wanted)).all().get();
                } catch (java.util.concurrent.ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) throw e;
                }
            }
        }
    }

    Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", wish.get("bootstrap").asText());
        wish.get("client").fields().forEachRemaining((entry) -> settings.put(entry.getKey(), entry.getValue().asText()));
        return settings;
    }

    Map<String, Object> producerSettings() {
        Map<String, Object> settings = new HashMap<>(Map.of(
            "key.serializer", ByteArraySerializer.class, "value.serializer", ByteArraySerializer.class,
            "acks", "all", "enable.idempotence", wish.get("idempotent").asBoolean(), "max.request.size", 64 << 20,
            "batch.size", wish.get("batchBytes").asInt(), "linger.ms", wish.get("lingerMs").asInt(),
            "compression.type", wish.get("compression").asText()));
        if (transactional) settings.put("transactional.id", "load-" + System.nanoTime());
        settings.putAll(settings());
        return settings;
    }

    void run() throws Exception {
        long records = wish.get("records").asLong();
        boolean endless = wish.get("untilStopped").asBoolean();
        double perSecond = wish.get("perSecond").asDouble();
        int slots = topics.size() * partitions;
        long begin = System.nanoTime();
        try (var producer = new KafkaProducer<byte[], byte[]>(producerSettings())) {
            if (transactional) producer.initTransactions();
            var transaction = new Transactions(producer);
            for (long i = 0; !stopped && (endless || i < records); i++) {
                if (perSecond > 0) waitUntil(begin + (long) (i / perSecond * SECOND));
                transaction.before();
                send(producer, (int) (i % slots), transaction.aborting);
                transaction.after();
                if (transaction.aborting && !endless) records++;
            }
            transaction.end();
            producer.flush();
        }
    }

    void send(KafkaProducer<byte[], byte[]> producer, int slot, boolean toBeAborted) {
        int partition = slot % partitions;
        long number = toBeAborted ? aborted++ : next[slot]++;
        byte[] name = (partition + (toBeAborted ? "!" : "#") + number).getBytes(StandardCharsets.US_ASCII);
        byte[] key = isNth("nullKeyEvery", number) ? null : name;
        byte[] value = isNth("tombstoneEvery", number) && key != null ? null : valueOf(name);
        Long time = startTime < 0 ? null : Long.valueOf(startTime + sent * wish.get("stepMs").asLong());
        sent++;
        var record = new ProducerRecord<>(topics.get(slot / partitions), partition, time, key, value, headers);
        producer.send(record, (metadata, failure) -> {
            if (toBeAborted) return;
            if (failure == null) acknowledge(slot, metadata.offset());
            else if (refused.getAndIncrement() == 0) refusal = failure.toString();
        });
    }

    boolean isNth(String setting, long number) {
        int every = wish.get(setting).asInt();
        return every > 0 && number % every == every - 1;
    }

    void acknowledge(int slot, long offset) {
        acknowledged.incrementAndGet(slot);
        lastOffset.accumulateAndGet(slot, offset, Math::max);
        total.incrementAndGet();
    }

    /** Values that differ from each other and compress moderately. */
    byte[] valueOf(byte[] name) {
        byte[] value = new byte[Math.max(filler.length, name.length + 1)];
        System.arraycopy(filler, 0, value, 0, filler.length);
        System.arraycopy(name, 0, value, 0, name.length);
        value[name.length] = ' ';
        return value;
    }

    static byte[] filler(int bytes) {
        byte[] filler = new byte[bytes];
        var random = new Random(7);
        for (int i = 0; i < bytes; i++) filler[i] = (byte) ('a' + random.nextInt(8));
        return filler;
    }

    /** Opens and ends transactions of a fixed number of records; some are aborted, evenly distributed. */
    class Transactions {
        final KafkaProducer<byte[], byte[]> producer;
        final int size = wish.get("transactionRecords").asInt();
        final double ratio = wish.get("abortRatio").asDouble();
        boolean aborting;
        boolean open;
        int inside;
        long begun;

        Transactions(KafkaProducer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        void before() {
            if (!transactional || open) return;
            producer.beginTransaction();
            aborting = Math.floor((begun + 1) * ratio) > Math.floor(begun * ratio);
            begun++;
            open = true;
            inside = 0;
        }

        void after() {
            if (open && ++inside == size) end();
        }

        void end() {
            if (!open) return;
            producer.flush();
            if (aborting) producer.abortTransaction();
            else producer.commitTransaction();
            open = false;
        }
    }

    void reportEverySecond() throws Exception {
        while (true) {
            Thread.sleep(1000);
            System.out.println(JSON.writeValueAsString(Map.of("event", "progress", "acknowledged", total.get())));
        }
    }

    void report(String event) throws Exception {
        List<Map<String, Object>> perPartition = new ArrayList<>();
        for (int slot = 0; slot < next.length; slot++) perPartition.add(Map.of(
            "topic", topics.get(slot / partitions), "partition", slot % partitions,
            "next", next[slot], "acknowledged", acknowledged.get(slot), "lastOffset", lastOffset.get(slot)));
        System.out.println(JSON.writeValueAsString(Map.of("event", event, "acknowledged", total.get(), "aborted", aborted,
            "refused", refused.get(), "refusal", refusal, "partitions", perPartition)));
    }

    static void waitUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) LockSupport.parkNanos(left);
    }

    interface Job {
        void run() throws Exception;
    }

    static void daemon(Job job) {
        var thread = new Thread(() -> {
            try {
                job.run();
            } catch (Exception e) {
                e.printStackTrace();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
