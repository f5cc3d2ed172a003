// Produces one record with acks=all and without retries, and prints whether it was accepted. The first line of stdin is a JSON
// object: bootstrap, client settings, `topic`, and optionally `timestamp` (ms since the epoch). Prints {taken, why}.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class OneRecord {
    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var wish = json.readTree(input.readLine());
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", wish.get("bootstrap").asText(), "acks", "all", "retries", "0",
            "enable.idempotence", "false", "key.serializer", StringSerializer.class, "value.serializer", StringSerializer.class));
        wish.get("client").fields().forEachRemaining((entry) -> settings.put(entry.getKey(), entry.getValue().asText()));
        Long timestamp = wish.has("timestamp") ? wish.get("timestamp").asLong() : null;
        var answer = new HashMap<String, Object>(Map.of("taken", true, "why", ""));
        try (var producer = new KafkaProducer<String, String>(settings)) {
            producer.send(new ProducerRecord<>(wish.get("topic").asText(), 0, timestamp, null, "one")).get();
        } catch (ExecutionException e) {
            answer.put("taken", false);
            answer.put("why", e.getCause().toString());
        }
        System.out.println(json.writeValueAsString(answer));
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
