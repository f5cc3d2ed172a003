// Stores and reads source offsets with Connect's own classes.
//   convert                       without a broker: what Connect would write, and what it reads from given bytes
//   kafka BOOTSTRAP TOPIC         Connect's store on a real topic: "write ..." and "read ..." lines
//   transaction BOOTSTRAP TOPIC END  "write ..." lines in one transaction, as an exactly-once worker does; END: commit, abort or open
// Lines are tab-separated; texts are base64 of UTF-8, bytes are hex. One answer per line.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.KafkaOffsetBackingStore;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.storage.OffsetStorageReaderImpl;
import org.apache.kafka.connect.storage.OffsetStorageWriter;
import org.apache.kafka.connect.util.SharedTopicAdmin;

public class OffsetsOracle {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<String[]> lines = new ArrayList<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            lines.add(line.split("\t", -1));
        }
        StringBuilder out = new StringBuilder();
        if (args[0].equals("convert")) {
            for (String[] line : lines) out.append(convert(line)).append('\n');
        } else if (args[0].equals("kafka")) {
            onKafka(args[1], args[2], lines, out);
        } else {
            inTransaction(args[1], args[2], args[3], lines);
        }
        System.out.print(out);
    }

    /**
     * In: connector, cluster, topic, partition, offset, key, value. Out: Java's key, value, partition of 25, and the offset read
     * from the given bytes.
     */
    private static String convert(String[] line) throws Exception {
        Memory written = new Memory();
        write(written, line[0], List.<String[]>of(new String[] {"write", line[0], line[1], line[2], line[3], line[4]}));
        Map.Entry<ByteBuffer, ByteBuffer> entry = written.entry();
        byte[] key = bytes(entry.getKey());
        Memory given = new Memory();
        given.put(HEX.parseHex(line[5]), HEX.parseHex(line[6]));
        String found = read(given, line[0], line[1], line[2], line[3]);
        given.stop();
        int partition = Utils.toPositive(Utils.murmur2(key)) % 25;
        return String.join("\t", HEX.formatHex(key), HEX.formatHex(bytes(entry.getValue())), "" + partition, found);
    }

    private static void onKafka(String bootstrap, String topic, List<String[]> lines, StringBuilder out) throws Exception {
        Map<String, String> props = new HashMap<>();
        props.put("bootstrap.servers", bootstrap);
        props.put("group.id", "oracle");
        props.put("offset.storage.topic", topic);
        props.put("offset.storage.replication.factor", "1");
        props.put("config.storage.topic", "unused-configs");
        props.put("status.storage.topic", "unused-status");
        props.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        props.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        try (SharedTopicAdmin admin = new SharedTopicAdmin(Map.of("bootstrap.servers", bootstrap))) {
            KafkaOffsetBackingStore store = new KafkaOffsetBackingStore(admin, () -> "oracle", converter(true));
            store.configure(new DistributedConfig(props));
            store.start();
            try {
                List<String[]> writes = new ArrayList<>();
                for (String[] line : lines) if (line[0].equals("write")) writes.add(line);
                if (!writes.isEmpty()) write(store, writes.get(0)[1], writes);
                for (String[] line : lines) {
                    if (line[0].equals("read")) out.append(read(store, line[1], line[2], line[3], line[4])).append('\n');
                }
            } finally {
                store.stop();
            }
        }
    }

    private static void inTransaction(String bootstrap, String topic, String end, List<String[]> lines) throws Exception {
        Map<String, Object> props = Map.of("bootstrap.servers", bootstrap, "transactional.id", "worker-" + end, "transaction.timeout.ms", 3000);
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(props, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (String[] line : lines) {
            Memory store = new Memory();
            write(store, line[1], List.<String[]>of(line));
            Map.Entry<ByteBuffer, ByteBuffer> entry = store.entry();
            producer.send(new ProducerRecord<>(topic, bytes(entry.getKey()), bytes(entry.getValue())));
        }
        producer.flush();
        if (end.equals("commit")) producer.commitTransaction();
        if (end.equals("abort")) producer.abortTransaction();
        if (end.equals("open")) Runtime.getRuntime().halt(0);
        producer.close();
    }

    /** Lines: "write", connector, cluster, topic, partition, offset; an empty offset removes it. */
    private static void write(OffsetBackingStore store, String connector, List<String[]> lines) throws Exception {
        OffsetStorageWriter writer = new OffsetStorageWriter(store, text(connector), converter(true), converter(false));
        for (String[] line : lines) {
            Map<String, ?> offset = line[5].isEmpty() ? null : MirrorUtils.wrapOffset(Long.parseLong(line[5]));
            writer.offset(sourcePartition(line[2], line[3], line[4]), offset);
        }
        writer.beginFlush();
        writer.doFlush((error, result) -> { }).get(30, TimeUnit.SECONDS);
    }

    private static String read(OffsetBackingStore store, String connector, String cluster, String topic, String partition) throws Exception {
        OffsetStorageReaderImpl reader = new OffsetStorageReaderImpl(store, text(connector), converter(true), converter(false));
        Map<String, Object> offset = reader.offset(sourcePartition(cluster, topic, partition));
        return offset == null ? "none" : "" + offset.get("offset");
    }

    private static Map<String, Object> sourcePartition(String cluster, String topic, String partition) throws Exception {
        Method wrap = MirrorUtils.class.getDeclaredMethod("wrapPartition", TopicPartition.class, String.class);
        wrap.setAccessible(true);
        @SuppressWarnings("unchecked")
        Map<String, Object> wrapped = (Map<String, Object>) wrap.invoke(null, new TopicPartition(text(topic), Integer.parseInt(partition)), text(cluster));
        return wrapped;
    }

    private static Converter converter(boolean isKey) {
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), isKey);
        return converter;
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static final class Memory extends MemoryOffsetBackingStore {
        Memory() {
            start();
        }

        Map.Entry<ByteBuffer, ByteBuffer> entry() {
            stop();
            return data.entrySet().iterator().next();
        }

        void put(byte[] key, byte[] value) {
            data.put(ByteBuffer.wrap(key), ByteBuffer.wrap(value));
        }

        @Override
        public Set<Map<String, Object>> connectorPartitions(String connector) {
            return Set.of();
        }
    }
}
