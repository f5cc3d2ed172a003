// A server for one test file that runs Kafka's command line tools without a JVM for each call. Prints its port; then one JSON
// request per line, {"tool": "groups" | "offsets", "args": [...]}, and one JSON answer per line with the output and exit code of
// the tool. With "datetimes" or "durations" the answer contains the tool's value for each of these texts, in ms since the epoch
// or ms; null for a refused text. It ends with the connection.
//   java -cp 'JARS/*' KafkaTools.java
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.tools.GetOffsetShell;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

public class KafkaTools {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Thrown where the tool would exit. */
    static class Ended extends RuntimeException {
        final int code;

        Ended(int code) {
            this.code = code;
        }
    }

    public static void main(String[] args) throws Exception {
        Exit.setExitProcedure((code, message) -> { throw new Ended(code); });
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            System.out.println(server.getLocalPort());
            try (var socket = server.accept()) {
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    var request = JSON.readTree(line);
                    boolean isTimes = request.get("tool").asText().matches("datetimes|durations");
                    var answer = Map.of("result", isTimes ? times(request) : run(request));
                    socket.getOutputStream().write((JSON.writeValueAsString(answer) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        Runtime.getRuntime().halt(0);
    }

    static List<Long> times(JsonNode request) {
        var found = new ArrayList<Long>();
        for (JsonNode one : request.get("args")) {
            try {
                if (request.get("tool").asText().equals("datetimes")) found.add(Utils.getDateTime(one.asText()));
                else {
                    // As in OffsetsUtils.resetByDuration.
                    var duration = Duration.parse(one.asText());
                    Instant.now().minus(duration).toEpochMilli();
                    found.add(duration.toMillis());
                }
            } catch (Exception e) {
                found.add(null);
            }
        }
        return found;
    }

    static Map<String, Object> run(JsonNode request) throws Exception {
        var args = new ArrayList<String>();
        request.get("args").forEach(one -> args.add(one.asText()));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        PrintStream[] before = {System.out, System.err};
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int code = 0;
        try {
            String[] all = args.toArray(new String[0]);
            if (request.get("tool").asText().equals("groups")) ConsumerGroupCommand.main(all);
            else GetOffsetShell.main(all);
        } catch (Ended end) {
            code = end.code;
        } finally {
            System.out.flush();
            System.setOut(before[0]);
            System.setErr(before[1]);
        }
        return new HashMap<>(Map.of("out", out.toString(StandardCharsets.UTF_8), "err", err.toString(StandardCharsets.UTF_8), "code", code));
    }
}
