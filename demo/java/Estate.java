// The old cluster of the demo: a pizza delivery's estate with everything in it that makes migrations hard, made by Kafka's
// own clients. One JSON line per topic made; then orders are produced all the time until stdin ends.
// A line on stdin meanwhile makes one topic more.
//   java -cp 'JARS/*' Estate.java BOOTSTRAP_SERVERS [ORDERS_PER_SECOND]
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.*;
import java.util.*;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.*;

public class Estate {
    static final String ORDERS = "pizza-orders";
    static final String[] PIZZAS = {"margherita", "marinara", "diavola", "capricciosa", "quattro formaggi", "funghi"};
    static final long MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
    /** What the broker default message.max.bytes (1 MiB) would refuse. */
    static final int LARGE_RECORD = 1_500_000;

    final String servers;
    final Admin admin;
    final Random random = new Random(42);
    final long now = System.currentTimeMillis();
    /** The first send that the cluster did not accept; an estate with a hole nobody meant would prove nothing. */
    final AtomicReference<Exception> refused = new AtomicReference<>();
    /** Partitions of each topic made so far. */
    final Map<String, Integer> made = new TreeMap<>();
    long records;

    Estate(String servers) {
        this.servers = servers;
        this.admin = Admin.create(Map.of("bootstrap.servers", servers));
    }

    public static void main(String[] args) throws Exception {
        var estate = new Estate(args[0]);
        estate.fill();
        int partitions = estate.made.values().stream().mapToInt(n -> n).sum();
        say("{\"ready\":true,\"topics\":%d,\"partitions\":%d,\"records\":%d}", estate.made.size(), partitions, estate.records);
        estate.obey();
        estate.admin.close();
    }

    void fill() throws Exception {
        // The compacted topic first: the cleaner works on it while the others are filled.
        customers();
        orders();
        orderEvents();
        payments();
        menuPhotos();
        ordersOf2019();
        driverPings();
        kitchenLog();
        deliveries();
        receipts();
        promotions();
        groupHalfWay();
        awaitHoles();
    }

    /** Three days of orders, as any busy topic has them; live orders follow. */
    void orders() throws Exception {
        create(ORDERS, 6, Map.of());
        int count = 400_000;
        try (var producer = producer("lz4", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, order(now - 3 * DAY + i * (3 * DAY / count), i));
        }
        made(ORDERS, 6, count, "three days of orders, lz4; new ones keep coming");
    }

    /** Every codec in one log, and every odd shape a record can have. */
    void orderEvents() throws Exception {
        create("order-events", 4, Map.of());
        int each = 6_000;
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            try (var producer = producer(codec, Map.of("linger.ms", "2", "batch.size", "8192"))) {
                for (int i = 0; i < each; i++) send(producer, event(codec, i));
            }
        }
        made("order-events", 4, 5L * each, "none, gzip, snappy, lz4, zstd in one log; null keys, tombstones, odd headers");
    }

    ProducerRecord<byte[], byte[]> event(String codec, int i) {
        Headers headers = new RecordHeaders();
        if (i % 3 == 0) headers.add("trace", bytes("t-" + i)).add("trace", bytes("again-" + i));
        if (i % 5 == 0) headers.add("no-value", null).add("empty", new byte[0]).add("", bytes("no name"));
        byte[] key = i % 7 == 0 ? null : i % 11 == 0 ? new byte[0] : bytes("order-" + i);
        byte[] value = i % 13 == 0 ? null : i % 17 == 0 ? new byte[0] : bytes(codec + " d\u00e9livr\u00e9 \ud83c\udf55 " + "baking ".repeat(i % 40));
        return new ProducerRecord<>("order-events", null, now - DAY + i * 1000L, key, value, headers);
    }

    /** Compacted: one segment per six hours of records, cleaned as soon as it is closed. */
    void customers() throws Exception {
        create("customers", 3, Map.of("cleanup.policy", "compact", "segment.ms", "" + 6 * HOUR, "min.cleanable.dirty.ratio", "0"));
        int count = 18_000;
        try (var producer = producer("zstd", Map.of("batch.size", "4096"))) {
            for (int i = 0; i < count; i++) {
                int id = random.nextInt(600);
                byte[] value = i % 25 == 0 ? null : bytes("{\"name\":\"customer " + id + "\",\"orders\":" + i + "}");
                send(producer, new ProducerRecord<>("customers", null, now - 2 * DAY + i * (2 * DAY / count), bytes("c" + id), value));
            }
        }
    }

    /** Waits until the cleaner has left holes in every partition of `customers`, then lets the log rest. */
    void awaitHoles() throws Exception {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (countByPartition("customers", 3).stream().anyMatch(left -> left > 4_000)) {
            if (System.nanoTime() > deadline) throw new IllegalStateException("the log cleaner left no holes in customers within 60 s");
            Thread.sleep(500);
        }
        // Each cluster cleans when it likes. Records can only be compared one by one when neither cleans in between,
        // so the topic asks for a week's rest; the setting travels to the new cluster with the others.
        var rest = new AlterConfigOp(new ConfigEntry("min.compaction.lag.ms", "" + 7 * DAY), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "customers"), List.of(rest))).all().get();
        long left = stillCount("customers", 3);
        made("customers", 3, left, "compacted: 18000 written, " + left + " left, holes between them; tombstones");
    }

    /** A cleaning that was under way when the rest was asked for may still end: the count that comes twice. */
    long stillCount(String topic, int count) throws InterruptedException {
        List<Long> before = List.of(), seen = countByPartition(topic, count);
        while (!seen.equals(before)) {
            Thread.sleep(500);
            before = seen;
            seen = countByPartition(topic, count);
        }
        return seen.stream().mapToLong(n -> n).sum();
    }

    /** Two transactional producers at a time, so that committed and aborted records lie interleaved. */
    void payments() throws Exception {
        create("payments", 3, Map.of());
        long committed = 0;
        try (var till = transactional("till", "zstd"); var web = transactional("web-shop", "none")) {
            for (int tx = 0; tx < 60; tx++) {
                till.beginTransaction();
                web.beginTransaction();
                for (int i = 0; i < 60; i++) {
                    send(till, payment(tx, i, "till"));
                    if (i % 3 == 0) send(web, payment(tx, i, "web"));
                    if (i % 20 == 19) { till.flush(); web.flush(); }
                }
                committed += end(till, tx % 3 != 0, 60) + end(web, tx % 4 != 1, 20);
            }
        }
        made("payments", 3, committed, "transactions of two producers, interleaved: " + committed + " records committed, " + (60 * 80 - committed) + " aborted");
    }

    static long end(Producer<byte[], byte[]> producer, boolean commit, int sent) {
        if (commit) producer.commitTransaction();
        else producer.abortTransaction();
        return commit ? sent : 0;
    }

    ProducerRecord<byte[], byte[]> payment(int tx, int i, String from) {
        return new ProducerRecord<>("payments", null, now - HOUR + tx * 1000L, bytes(from + "-" + tx + "-" + i), bytes("{\"cents\":" + random.nextInt(9000) + "}"));
    }

    void menuPhotos() throws Exception {
        create("menu-photos", 2, Map.of("max.message.bytes", "2097152"));
        int count = 300;
        try (var producer = producer("none", Map.of("max.request.size", "2097152"))) {
            for (int i = 0; i < count; i++) {
                byte[] photo = new byte[i == 150 ? LARGE_RECORD : 10_000 + random.nextInt(90_000)];
                random.nextBytes(photo);
                send(producer, new ProducerRecord<>("menu-photos", i % 2, now - DAY + i, bytes(PIZZAS[i % PIZZAS.length]), photo));
            }
        }
        made("menu-photos", 2, count, "pictures up to 100 KB, and one record of 1.5 MB");
    }

    /**
     * Dated years back. retention.ms=-1 because the default of seven days would delete every record within minutes, here
     * and, since the setting travels along, on the new cluster.
     */
    void ordersOf2019() throws Exception {
        create("orders-2019", 3, Map.of("retention.ms", "-1"));
        long then = Instant.parse("2019-03-01T18:00:00Z").toEpochMilli();
        int count = 20_000;
        try (var producer = producer("gzip", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("orders-2019", null, then + i * 10 * MINUTE, bytes("old-" + i % 900), pizza(i)));
        }
        made("orders-2019", 3, count, "dated 2019, kept for ever");
    }

    /** batch.size 0: every record is a batch of its own. */
    void driverPings() throws Exception {
        create("driver-pings", 2, Map.of());
        int count = 3_000;
        try (var producer = producer("none", Map.of("batch.size", "0", "linger.ms", "0"))) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("driver-pings", i % 2, now - HOUR + i * 1000L, bytes("driver-" + i % 9), bytes("41.9" + i + ",12.4" + i)));
        }
        made("driver-pings", 2, count, "one-record batches");
    }

    /** The beginning is deleted in the middle of a batch, which the broker goes on serving whole. */
    void kitchenLog() throws Exception {
        create("kitchen-log", 2, Map.of());
        int count = 10_000;
        try (var producer = producer("snappy", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("kitchen-log", i % 2, now - HOUR + i, null, bytes("oven " + i % 3 + " at " + (250 + i % 200) + " C")));
        }
        admin.deleteRecords(Map.of(new TopicPartition("kitchen-log", 0), RecordsToDelete.beforeOffset(1_333), new TopicPartition("kitchen-log", 1), RecordsToDelete.beforeOffset(2_777))).all().get();
        made("kitchen-log", 2, count - 1_333 - 2_777, "log start moved into the middle of a batch; null keys, snappy");
    }

    void deliveries() throws Exception {
        create("deliveries", 2, Map.of("message.timestamp.type", "LogAppendTime"));
        int count = 8_000;
        try (var producer = producer("lz4", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("deliveries", i % 2, now - DAY + i, bytes("order-" + i), bytes("delivered by driver-" + i % 9)));
        }
        made("deliveries", 2, count, "LogAppendTime: the broker's clock replaced the producers'");
    }

    void receipts() throws Exception {
        create("receipts", 2, Map.of("compression.type", "zstd"));
        int count = 8_000;
        try (var producer = producer("gzip", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("receipts", i % 2, now - DAY + i, bytes("order-" + i), pizza(i)));
        }
        made("receipts", 2, count, "the topic has a codec of its own: sent as gzip, stored as zstd");
    }

    void promotions() throws Exception {
        create("promotions", 2, Map.of());
        made("promotions", 2, 0, "empty");
    }

    void groupHalfWay() {
        try (var consumer = consumer(Map.of("group.id", "kitchen-display"))) {
            var half = new HashMap<TopicPartition, OffsetAndMetadata>();
            consumer.endOffsets(partitionsOf(ORDERS, 6)).forEach((tp, end) -> half.put(tp, new OffsetAndMetadata(end / 2, "half-way")));
            consumer.assign(half.keySet());
            consumer.commitSync(half);
        }
        say("{\"group\":\"kitchen-display\",\"what\":\"half-way through %s\"}", ORDERS);
    }

    /** A line of stdin asks for a topic that the migration has not seen yet; its end asks where every log ends. */
    void obey() throws Exception {
        try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
            while (lines.readLine() != null) nightMenu();
        }
        demandAccepted();
        say("{\"ends\":{%s}}", ends());
    }

    void nightMenu() throws Exception {
        create("night-menu", 2, Map.of());
        int count = 500;
        try (var producer = producer("gzip", Map.of())) {
            for (int i = 0; i < count; i++) send(producer, new ProducerRecord<>("night-menu", bytes(PIZZAS[i % PIZZAS.length]), pizza(i)));
        }
        made("night-menu", 2, count, "created in the middle of the migration");
    }

    /** Where each log ends for a read_committed reader, as JSON members "topic-partition":offset. */
    String ends() throws Exception {
        try (var consumer = consumer(Map.of())) {
            var all = new ArrayList<TopicPartition>();
            for (var topic : made.entrySet()) all.addAll(partitionsOf(topic.getKey(), topic.getValue()));
            var text = new ArrayList<String>();
            consumer.endOffsets(all).forEach((tp, end) -> text.add("\"" + tp + "\":" + end));
            return String.join(",", text);
        }
    }

    ProducerRecord<byte[], byte[]> order(long timestamp, int i) {
        Headers headers = new RecordHeaders().add("shop", bytes("rome-" + i % 4)).add("content-type", bytes("application/json"));
        return new ProducerRecord<>(ORDERS, null, timestamp, bytes("c" + random.nextInt(600)), pizza(i), headers);
    }

    byte[] pizza(int i) {
        String pizza = PIZZAS[random.nextInt(PIZZAS.length)];
        long secret = random.nextLong();
        return bytes("{\"order\":%d,\"pizza\":\"%s\",\"size\":%d,\"cents\":%d,\"street\":\"via %x %d\",\"note\":\"%x%x\"}"
            .formatted(i, pizza, 26 + i % 3 * 6, 700 + random.nextInt(900), secret, i % 200, secret * 31, secret * 17));
    }

    /**
     * Creates a topic and waits until every partition's leader answers for it. Without that, a leader that is not ready yet may
     * refuse a producer's first batch and take the second: the first is then out of sequence for good.
     */
    void create(String topic, int count, Map<String, String> configs) throws InterruptedException, ExecutionException {
        admin.createTopics(List.of(new NewTopic(topic, count, (short) 1).configs(configs))).all().get();
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        for (var tp : partitionsOf(topic, count)) latest.put(tp, OffsetSpec.latest());
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!answers(latest)) {
            if (System.nanoTime() > deadline) throw new IllegalStateException("nobody leads " + topic + " after 30 s");
            Thread.sleep(50);
        }
    }

    boolean answers(Map<TopicPartition, OffsetSpec> offsets) throws InterruptedException, ExecutionException {
        try {
            admin.listOffsets(offsets).all().get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RetriableException) return false;
            throw e;
        }
    }

    void send(Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        producer.send(record, (at, e) -> { if (e != null && !(e instanceof TransactionAbortedException)) refused.compareAndSet(null, e); });
    }

    void demandAccepted() throws Exception {
        if (refused.get() != null) throw new IllegalStateException("the old cluster did not accept everything", refused.get());
    }

    void made(String topic, int count, long kept, String what) throws Exception {
        demandAccepted();
        made.put(topic, count);
        records += kept;
        say("{\"topic\":\"%s\",\"partitions\":%d,\"records\":%d,\"what\":\"%s\"}", topic, count, kept, what);
    }

    List<Long> countByPartition(String topic, int count) {
        var counts = new ArrayList<Long>();
        for (var tp : partitionsOf(topic, count)) {
            try (var consumer = consumer(Map.of())) {
                consumer.assign(List.of(tp));
                consumer.seekToBeginning(List.of(tp));
                long end = consumer.endOffsets(List.of(tp)).get(tp), seen = 0;
                while (consumer.position(tp) < end) seen += consumer.poll(Duration.ofMillis(200)).count();
                counts.add(seen);
            }
        }
        return counts;
    }

    KafkaProducer<byte[], byte[]> producer(String codec, Map<String, String> more) {
        var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", servers, "compression.type", codec, "linger.ms", "20", "batch.size", "65536"));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    KafkaProducer<byte[], byte[]> transactional(String id, String codec) {
        var producer = producer(codec, Map.of("transactional.id", id));
        producer.initTransactions();
        return producer;
    }

    KafkaConsumer<byte[], byte[]> consumer(Map<String, String> more) {
        var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", servers, "isolation.level", "read_committed", "enable.auto.commit", "false"));
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static List<TopicPartition> partitionsOf(String topic, int count) {
        return IntStream.range(0, count).mapToObj(p -> new TopicPartition(topic, p)).toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static synchronized void say(String format, Object... values) {
        System.out.println(format.formatted(values));
    }
}
