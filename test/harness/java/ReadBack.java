// A server for one test file that reads both clusters with Kafka's own consumer and reports differences. Prints its port; then
// one JSON request and one JSON answer per line ("error" if it failed). It ends with the connection.
//   java -cp 'JARS/*' ReadBack.java
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class ReadBack {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long PATIENCE_MS = 30_000;
    static final Map<String, KafkaConsumer<byte[], byte[]>> consumers = new HashMap<>();

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
            var request = JSON.readTree(line);
            return Map.of("result", request.get("do").asText().equals("compare") ? compare(request) : list(request));
        } catch (Exception e) {
            return Map.of("error", e.toString() + (e.getCause() == null ? "" : ": " + e.getCause()));
        }
    }

    /**
     * Per partition: how many records are equal in their order, which side lacks which records, and whether the copy has offset
     * gaps.
     */
    static List<Map<String, Object>> compare(JsonNode r) throws Exception {
        String topic = r.get("topic").asText(), copy = r.path("copy").asText(topic);
        int here = partitions(r.get("source").asText(), topic), there = partitions(r.get("target").asText(), copy);
        var results = new ArrayList<Map<String, Object>>();
        for (int p = 0; p < Math.max(here, there); p++) {
            var source = p < here ? read(r.get("source").asText(), r.path("isolation").asText("read_committed"), new TopicPartition(topic, p), r.path("from").path("" + p).asLong(0)) : null;
            var target = p < there ? read(r.get("target").asText(), "read_uncommitted", new TopicPartition(copy, p), r.path("targetFrom").path("" + p).asLong(0)) : null;
            results.add(compare(p, source, target));
        }
        return results;
    }

    static Map<String, Object> compare(int partition, List<ConsumerRecord<byte[], byte[]>> source, List<ConsumerRecord<byte[], byte[]>> target) {
        var result = new LinkedHashMap<String, Object>();
        result.put("partition", partition);
        if (source == null || target == null) {
            result.put("first", "only the " + (source == null ? "target" : "source") + " has this partition");
            return result;
        }
        int equal = 0;
        while (equal < source.size() && equal < target.size() && same(source.get(equal), target.get(equal))) equal++;
        var unmatched = new HashMap<String, Integer>();
        for (var record : source) unmatched.merge(print(record), 1, Integer::sum);
        long extra = 0;
        for (var record : target) {
            if (unmatched.merge(print(record), -1, Integer::sum) < 0) extra++;
        }
        result.put("source", source.size());
        result.put("target", target.size());
        result.put("equal", equal);
        result.put("missing", unmatched.values().stream().filter(n -> n > 0).mapToInt(n -> n).sum());
        result.put("extra", extra);
        result.put("dense", target.isEmpty() || target.get(target.size() - 1).offset() - target.get(0).offset() == target.size() - 1);
        result.put("holes", source.isEmpty() ? 0 : source.get(source.size() - 1).offset() - source.get(0).offset() + 1 - source.size());
        if (equal < source.size() || equal < target.size()) {
            result.put("first", "source " + (equal < source.size() ? show(source.get(equal)) : "ends") + ", target " + (equal < target.size() ? show(target.get(equal)) : "ends"));
        }
        return result;
    }

    /** The records of one partition as text. */
    static List<Map<String, Object>> list(JsonNode r) throws Exception {
        var records = new ArrayList<Map<String, Object>>();
        for (var record : read(r.get("on").asText(), r.path("isolation").asText("read_uncommitted"), new TopicPartition(r.get("topic").asText(), r.path("partition").asInt()), 0)) {
            var one = new HashMap<String, Object>();
            one.put("offset", record.offset());
            one.put("timestamp", record.timestamp());
            one.put("timestampType", record.timestampType().name);
            one.put("key", text(record.key()));
            one.put("value", text(record.value()));
            records.add(one);
        }
        return records;
    }

    static List<ConsumerRecord<byte[], byte[]>> read(String servers, String isolation, TopicPartition partition, long from) throws Exception {
        var consumer = consumer(servers, isolation);
        var only = List.of(partition);
        consumer.assign(only);
        long end = consumer.endOffsets(only).get(partition);
        consumer.seek(partition, Math.max(from, consumer.beginningOffsets(only).get(partition)));
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        long giveUp = System.currentTimeMillis() + PATIENCE_MS;
        while (consumer.position(partition) < end) {
            for (var record : consumer.poll(Duration.ofMillis(200))) if (record.offset() < end) records.add(record);
            if (System.currentTimeMillis() > giveUp) throw new IllegalStateException(partition + " is not read to its end " + end + " but to " + consumer.position(partition));
        }
        return records;
    }

    static int partitions(String servers, String topic) {
        return consumer(servers, "read_uncommitted").listTopics().getOrDefault(topic, List.of()).size();
    }

    static KafkaConsumer<byte[], byte[]> consumer(String servers, String isolation) {
        return consumers.computeIfAbsent(servers + isolation, any -> new KafkaConsumer<>(Map.of("bootstrap.servers", servers, "isolation.level", isolation,
            "enable.auto.commit", "false", "auto.offset.reset", "none", "max.partition.fetch.bytes", "4194304", "fetch.max.wait.ms", "20"), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    static boolean same(ConsumerRecord<byte[], byte[]> a, ConsumerRecord<byte[], byte[]> b) {
        if (a.timestamp() != b.timestamp() || !Arrays.equals(a.key(), b.key()) || !Arrays.equals(a.value(), b.value())) return false;
        Header[] x = a.headers().toArray(), y = b.headers().toArray();
        if (x.length != y.length) return false;
        for (int i = 0; i < x.length; i++) if (!x[i].key().equals(y[i].key()) || !Arrays.equals(x[i].value(), y[i].value())) return false;
        return true;
    }

    static String print(ConsumerRecord<byte[], byte[]> r) {
        var print = new StringBuilder().append(r.timestamp()).append('|').append(Arrays.hashCode(r.key())).append('|').append(Arrays.hashCode(r.value()));
        for (Header h : r.headers()) print.append('|').append(h.key()).append('=').append(Arrays.hashCode(h.value()));
        return print.toString();
    }

    static String show(ConsumerRecord<byte[], byte[]> r) {
        return "offset %d (key %s, value %s, timestamp %d, %d headers)".formatted(r.offset(), text(r.key()), text(r.value()), r.timestamp(), r.headers().toArray().length);
    }

    static String text(byte[] bytes) {
        if (bytes == null) return null;
        String text = new String(bytes, StandardCharsets.UTF_8);
        return text.length() > 40 ? text.substring(0, 40) + ".. (" + bytes.length + " bytes)" : text;
    }
}
