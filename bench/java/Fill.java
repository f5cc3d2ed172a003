// Fills topics of the bench so that the batches on disk have the wanted size.
//   Fill BOOTSTRAP TOPIC,.. PARTITIONS RECORDS VALUE_BYTES BATCH_BYTES CODEC
// PARTITIONS is per topic, RECORDS for all of them together.
// The producer closes a batch when the next record does not fit, so a long linger and batch.size decide the size;
// BATCH_BYTES 1 gives batches of one record. Each thread serves its own partitions;
// batches of one record are bound by round trips, so they get more threads.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Fill {
    /** Bytes on their way per thread; well below buffer.memory, because a full buffer would close batches early. */
    static final int OUTSTANDING = 48 << 20;
    static final int POOL_BYTES = 32 << 20;

    final String bootstrap;
    final String[] topics;
    final int partitions;
    final int valueBytes;
    final int batchBytes;
    final String codec;

    Fill(String[] args) {
        bootstrap = args[0];
        topics = args[1].split(",");
        partitions = Integer.parseInt(args[2]);
        valueBytes = Integer.parseInt(args[4]);
        batchBytes = Integer.parseInt(args[5]);
        codec = args[6];
    }

    public static void main(String[] args) throws Exception {
        Fill fill = new Fill(args);
        long records = Long.parseLong(args[3]);
        byte[] pool = args[6].equals("none") ? noise() : text();
        int threads = Math.min(fill.batchBytes > 1 ? 2 : 4, fill.partitions);
        AtomicReference<Exception> failure = new AtomicReference<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int share = i;
            Thread thread = new Thread(() -> {
                try {
                    fill.send(pool, records, share, threads, failure);
                } catch (Exception e) {
                    failure.compareAndSet(null, e);
                }
            });
            thread.start();
            running.add(thread);
        }
        for (Thread thread : running) thread.join();
        if (failure.get() != null) throw failure.get();
    }

    /** Sends every record whose partition belongs to this share. */
    void send(byte[] pool, long records, int share, int shares, AtomicReference<Exception> failure) throws Exception {
        Semaphore room = new Semaphore(OUTSTANDING);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings())) {
            for (long i = 0; i < records && failure.get() == null; i++) {
                int slot = (int) (i % ((long) partitions * topics.length));
                if (slot % shares != share) continue;
                String topic = topics[slot / partitions];
                int partition = slot % partitions;
                room.acquire(valueBytes);
                producer.send(new ProducerRecord<>(topic, partition, null, value(pool, i)), (metadata, e) -> {
                    room.release(valueBytes);
                    if (e != null) failure.compareAndSet(null, e);
                });
            }
            producer.flush();
        }
    }

    Map<String, Object> settings() {
        return Map.of(
            "bootstrap.servers", bootstrap,
            "key.serializer", ByteArraySerializer.class,
            "value.serializer", ByteArraySerializer.class,
            "acks", "1",
            "enable.idempotence", false,
            "batch.size", batchBytes,
            "linger.ms", batchBytes > 1 ? 60_000 : 0,
            "buffer.memory", 128L << 20,
            "max.request.size", 4 << 20,
            "compression.type", codec);
    }

    /** A stretch of the pool, with its number in front so that no two values are equal. */
    byte[] value(byte[] pool, long number) {
        byte[] value = new byte[valueBytes];
        int slots = pool.length / valueBytes;
        System.arraycopy(pool, (int) (number % slots) * valueBytes, value, 0, valueBytes);
        ByteBuffer.wrap(value).putLong(number);
        return value;
    }

    static byte[] noise() {
        byte[] pool = new byte[POOL_BYTES];
        new Random(7).nextBytes(pool);
        return pool;
    }

    /** Orders written as JSON: compresses about as well as what companies send. */
    static byte[] text() {
        Random random = new Random(7);
        String[] words = {"margherita", "quattro formaggi", "diavola", "funghi", "marinara", "capricciosa", "calzone"};
        StringBuilder text = new StringBuilder(POOL_BYTES + 1024);
        while (text.length() < POOL_BYTES) {
            text.append("{\"order\":\"").append(Long.toHexString(random.nextLong()))
                .append("\",\"pizza\":\"").append(words[random.nextInt(words.length)])
                .append("\",\"price\":").append(random.nextInt(3000) / 100.0)
                .append(",\"customer\":{\"id\":").append(random.nextInt(1_000_000))
                .append(",\"street\":\"").append(Long.toString(random.nextLong(), 36)).append("\"},\"paid\":")
                .append(random.nextBoolean()).append("}");
        }
        return text.substring(0, POOL_BYTES).getBytes(StandardCharsets.ISO_8859_1);
    }
}
