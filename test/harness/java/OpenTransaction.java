// A producer that ends within a transaction: the transaction stays open until it is aborted, or for 15 minutes. The first line of
// stdin is a JSON object: bootstrap, client settings, `topic`, `records`.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class OpenTransaction {
    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var wish = new ObjectMapper().readTree(input.readLine());
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", wish.get("bootstrap").asText(), "transactional.id", "left-open-" + System.nanoTime(),
            "transaction.timeout.ms", 900_000, "key.serializer", StringSerializer.class, "value.serializer", StringSerializer.class));
        wish.get("client").fields().forEachRemaining((entry) -> settings.put(entry.getKey(), entry.getValue().asText()));
        var producer = new KafkaProducer<String, String>(settings);
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < wish.get("records").asInt(); i++) producer.send(new ProducerRecord<>(wish.get("topic").asText(), 0, null, "open " + i)).get();
        System.out.println("{}");
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
