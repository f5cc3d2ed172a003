// Measures how long a record takes from the source to the target while a copier runs between them.
//   Latency SOURCE TARGET TOPIC TARGET_TOPIC PARTITIONS RATE WARM_UP_SECONDS SECONDS
// One process, one clock: it produces RATE records per second to the source and reads the target topic. Before it
// counts, it waits until a first record has come through and warms both sides up. Prints one line of JSON:
// milliseconds from the source's acknowledgement, and from the send, until the target's consumer has the record.
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Latency {
    static final long FIRST_RECORD_WITHIN = TimeUnit.SECONDS.toNanos(90);
    static final long LAST_RECORD_WITHIN = TimeUnit.SECONDS.toNanos(20);

    final KafkaProducer<byte[], byte[]> producer;
    final KafkaConsumer<byte[], byte[]> consumer;
    final String topic;
    final int partitions;
    final AtomicLongArray sent;
    final AtomicLongArray acknowledged;
    final AtomicLongArray seen;
    final AtomicInteger arrived = new AtomicInteger();
    /** Told apart from records of another run. */
    final long run = System.nanoTime();
    volatile boolean over;

    Latency(String[] args, int records) {
        producer = new KafkaProducer<>(Map.of(
            "bootstrap.servers", args[0], "acks", "all", "linger.ms", 0,
            "key.serializer", ByteArraySerializer.class, "value.serializer", ByteArraySerializer.class));
        consumer = new KafkaConsumer<>(Map.of(
            "bootstrap.servers", args[1], "fetch.min.bytes", 1,
            "key.deserializer", ByteArrayDeserializer.class, "value.deserializer", ByteArrayDeserializer.class));
        topic = args[2];
        partitions = Integer.parseInt(args[4]);
        List<TopicPartition> all = new ArrayList<>();
        for (int p = 0; p < partitions; p++) all.add(new TopicPartition(args[3], p));
        consumer.assign(all);
        consumer.seekToBeginning(all);
        sent = new AtomicLongArray(records);
        acknowledged = new AtomicLongArray(records);
        seen = new AtomicLongArray(records);
    }

    public static void main(String[] args) throws Exception {
        int rate = Integer.parseInt(args[5]);
        int warmUp = Integer.parseInt(args[6]) * rate;
        int records = 1 + warmUp + Integer.parseInt(args[7]) * rate;
        Latency latency = new Latency(args, records);
        Thread reader = new Thread(latency::read);
        reader.start();
        latency.send(0);
        if (!latency.until(1, FIRST_RECORD_WITHIN)) fail("no record came through in time");
        latency.sendAll(records, rate);
        boolean complete = latency.until(records, LAST_RECORD_WITHIN);
        latency.over = true;
        reader.join();
        latency.producer.close();
        latency.consumer.close();
        if (!complete) fail(latency.arrived + " of " + records + " records came through");
        System.out.println(latency.summary(1 + warmUp, records));
    }

    /** One record each 1/rate second, by the clock: a late one does not shift those behind it. */
    void sendAll(int records, int rate) {
        long start = System.nanoTime();
        long step = TimeUnit.SECONDS.toNanos(1) / rate;
        for (int i = 1; i < records; i++) {
            long due = start + i * step;
            while (System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
            send(i);
        }
        producer.flush();
    }

    void send(int number) {
        byte[] value = ByteBuffer.allocate(1024).putLong(run).putInt(number).array();
        sent.set(number, System.nanoTime());
        producer.send(new ProducerRecord<>(topic, number % partitions, null, value), (metadata, e) -> {
            acknowledged.set(number, System.nanoTime());
            if (e != null) fail(e.toString());
        });
    }

    void read() {
        while (!over) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                ByteBuffer value = ByteBuffer.wrap(record.value());
                if (value.getLong() != run) continue;
                int number = value.getInt();
                if (seen.compareAndSet(number, 0, System.nanoTime())) arrived.incrementAndGet();
            }
        }
    }

    boolean until(int records, long within) throws InterruptedException {
        long deadline = System.nanoTime() + within;
        while (arrived.get() < records && System.nanoTime() < deadline) Thread.sleep(5);
        return arrived.get() >= records;
    }

    /** The record may be on the target before the source's answer has come back to us: that counts as nought. */
    String summary(int from, int to) {
        double[] fromAck = new double[to - from];
        double[] fromSend = new double[to - from];
        for (int i = from; i < to; i++) {
            fromAck[i - from] = Math.max(0, seen.get(i) - acknowledged.get(i)) / 1e6;
            fromSend[i - from] = (seen.get(i) - sent.get(i)) / 1e6;
        }
        return String.format(Locale.ROOT, "{\"records\":%d,\"fromAck\":%s,\"fromSend\":%s}", to - from, figures(fromAck), figures(fromSend));
    }

    static String figures(double[] values) {
        Arrays.sort(values);
        return String.format(Locale.ROOT, "{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}",
            quantile(values, 0.5), quantile(values, 0.99), values[values.length - 1]);
    }

    static double quantile(double[] sorted, double q) {
        return sorted[Math.min(sorted.length - 1, (int) Math.ceil(q * sorted.length) - 1)];
    }

    static void fail(String why) {
        System.err.println("Latency: " + why);
        System.exit(1);
    }
}
