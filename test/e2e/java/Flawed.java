// Writes a topic with ten records per partition and a faulty copy of it to one cluster, each partition with its own fault, to
// test whether demo/java/Compare.java finds all of them.
//   java -cp 'JARS/*' Flawed.java BOOTSTRAP_SERVERS
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringSerializer;

public class Flawed {
    static final List<String> FLAWS = List.of("none", "missing", "extra", "value", "header value", "header order", "timestamp", "swapped", "empty for null", "tail missing", "doubled");

    public static void main(String[] args) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0]);
        try (var admin = Admin.create(settings); var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            int partitions = FLAWS.size();
            admin.createTopics(List.of(topic("flawed", partitions), topic("copy.flawed", partitions), topic("narrow", 2), topic("copy.narrow", 1), topic("absent", 1), topic("twin", 1), topic("copy.twin", 1))).all().get();
            awaitLeaders(admin, partitions);
            for (int p = 0; p < partitions; p++) {
                for (int i = 0; i < 10; i++) producer.send(record("flawed", p, i, ""));
                for (int i : order(FLAWS.get(p))) producer.send(record("copy.flawed", p, i, i == 4 ? FLAWS.get(p) : ""));
            }
            producer.send(record("twin", 0, 1, ""));
            producer.send(record("copy.twin", 0, 1, ""));
            producer.flush();
        }
    }

    /**
     * A leader that is not ready may refuse a producer's first batch, and the sequence is then broken permanently. So every
     * leader must have answered before.
     */
    static void awaitLeaders(Admin admin, int partitions) throws Exception {
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        for (String topic : List.of("flawed", "copy.flawed")) for (int p = 0; p < partitions; p++) latest.put(new TopicPartition(topic, p), OffsetSpec.latest());
        for (String topic : List.of("twin", "copy.twin")) latest.put(new TopicPartition(topic, 0), OffsetSpec.latest());
        admin.listOffsets(latest).all().get();
    }

    static NewTopic topic(String name, int partitions) {
        // The timestamps are years ago: with the default retention the records would be deleted before the comparison.
        return new NewTopic(name, partitions, (short) 1).configs(Map.of("retention.ms", "-1"));
    }

    static List<Integer> order(String flaw) {
        var order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
        switch (flaw) {
            case "missing" -> order.remove(4);
            case "tail missing" -> order.remove(9);
            case "extra" -> order.add(4, 44);
            case "doubled" -> order.add(4, 3);
            case "swapped" -> java.util.Collections.swap(order, 4, 5);
            default -> { }
        }
        return order;
    }

    static ProducerRecord<String, String> record(String topic, int partition, int i, String flaw) {
        var headers = new RecordHeaders();
        String a = flaw.equals("header value") ? "changed" : "1";
        if (flaw.equals("header order")) headers.add("b", "2".getBytes()).add("a", a.getBytes());
        else headers.add("a", a.getBytes()).add("b", "2".getBytes());
        String value = flaw.equals("empty for null") ? "" : i == 4 && partition == FLAWS.indexOf("empty for null") ? null : flaw.equals("value") ? "changed" : "value " + i;
        long timestamp = 1_700_000_000_000L + i + (flaw.equals("timestamp") ? 1000 : 0);
        return new ProducerRecord<>(topic, partition, timestamp, "key " + i, value, headers);
    }
}
