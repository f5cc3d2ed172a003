// Executes Kafka's command line tools one after the other in one JVM, with their real main methods. The first line of stdin is a
// JSON object: `commands`, each a main class with its arguments. Prints a line of JSON per command: code, out.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

public class Tools {
    /** Thrown instead of ending the process. */
    static class Ended extends Error {}

    /** The first exit code of a command; -1 if it did not exit. */
    static int ended;

    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Exit.setExitProcedure((code, message) -> {
            if (ended < 0) ended = code;
            throw new Ended();
        });
        for (var command : json.readTree(input.readLine()).get("commands")) {
            var words = new ArrayList<String>();
            for (var word : command) words.add(word.asText());
            var out = new ByteArrayOutputStream();
            var was = System.out;
            var wasError = System.err;
            System.setOut(new PrintStream(out, true));
            System.setErr(new PrintStream(out, true));
            int code = run(Class.forName(words.get(0)), words.subList(1, words.size()).toArray(String[]::new));
            System.setOut(was);
            System.setErr(wasError);
            System.out.println(json.writeValueAsString(Map.of("code", code, "out", out.toString(StandardCharsets.UTF_8))));
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    static int run(Class<?> tool, String[] args) throws Exception {
        ended = -1;
        try {
            tool.getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            if (ended < 0) e.getCause().printStackTrace(System.err);
            return Math.abs(ended);
        }
        return Math.max(0, ended);
    }
}
