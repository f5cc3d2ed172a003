// Reads configuration files, patterns and JAAS lines with Kafka's and Java's own classes; prints one JSON line per answer. Runs
// as a single source file: java -cp "<jars>/*" ConfigOracle.java config|properties|regex|jaas FILE...
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.mirror.ConfigPropertyFilter;
import org.apache.kafka.connect.mirror.GroupFilter;
import org.apache.kafka.connect.mirror.MirrorCheckpointConnector;
import org.apache.kafka.connect.mirror.MirrorHeartbeatConnector;
import org.apache.kafka.connect.mirror.MirrorMakerConfig;
import org.apache.kafka.connect.mirror.MirrorSourceConnector;
import org.apache.kafka.connect.mirror.ReplicationPolicy;
import org.apache.kafka.connect.mirror.SourceAndTarget;
import org.apache.kafka.connect.mirror.TopicFilter;
import org.apache.kafka.connect.runtime.distributed.DistributedConfig;

public class ConfigOracle {
    static final List<Class<? extends Connector>> CONNECTORS =
        List.of(MirrorSourceConnector.class, MirrorHeartbeatConnector.class, MirrorCheckpointConnector.class);

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        for (int i = 1; i < args.length; i++) {
            switch (args[0]) {
                case "config" -> answer(args[i], ConfigOracle::config);
                case "properties" -> answer(args[i], ConfigOracle::properties);
                case "regex" -> regex(args[i]);
                case "jaas" -> answer(args[i], ConfigOracle::jaas);
                case "definitions" -> System.out.println(json(definitions()));
                default -> throw new IllegalArgumentException(args[0]);
            }
        }
    }

    interface Question {
        Object ask(String file) throws Exception;
    }

    static void answer(String file, Question question) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", file);
        try {
            answer.put("answer", question.ask(file));
        } catch (Throwable failure) {
            answer.put("refused", message(failure));
        }
        System.out.println(json(answer));
    }

    static String message(Throwable failure) {
        Throwable cause = failure instanceof InvocationTargetException ? failure.getCause() : failure;
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }

    static Object properties(String file) throws Exception {
        Properties properties = new Properties();
        try (FileInputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        // An array of pairs rather than an object, because V8's JSON.parse confuses escaped one-letter keys with others.
        List<Object> pairs = new ArrayList<>();
        new TreeMap<>(Utils.propsToStringMap(properties)).forEach((key, value) -> pairs.add(List.of(key, value)));
        return pairs;
    }

    /** The pairs, and for each pair the maps of its connectors, the errors of their validation, and the worker. */
    static Object config(String file) throws Exception {
        Map<String, String> props = Utils.propsToStringMap(Utils.loadProps(file));
        // Avoids a search of the whole class path for plugins. No map of a connector contains this key.
        props.putIfAbsent("plugin.discovery", "service_load");
        MirrorMakerConfig config = new MirrorMakerConfig(props);
        List<Object> pairs = new ArrayList<>();
        for (SourceAndTarget pair : config.clusterPairs()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("source", pair.source());
            answer.put("target", pair.target());
            Map<String, Object> errors = new LinkedHashMap<>();
            Map<String, Object> derived = new LinkedHashMap<>();
            for (Class<? extends Connector> connector : CONNECTORS) {
                Map<String, String> base = config.connectorBaseConfig(pair, connector);
                answer.put(connector.getSimpleName(), new TreeMap<>(base));
                errors.put(connector.getSimpleName(), validate(config, connector, base));
                derived.put(connector.getSimpleName(), derived(config, connector, base));
                if (connector == MirrorSourceConnector.class) answer.put("resolved", resolved(config, base));
            }
            answer.put("errors", errors);
            answer.put("derived", derived);
            answer.put("worker", worker(config, pair));
            pairs.add(answer);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("clusters", new ArrayList<>(config.clusters()));
        answer.put("clusterPairs", pairs);
        return answer;
    }

    /** The settings of the source connector: references resolved by the worker, and once more by the connector itself. */
    static Object resolved(MirrorMakerConfig config, Map<String, String> base) {
        try {
            ConfigDef definition = new MirrorSourceConnector().config();
            return new TreeMap<>(new AbstractConfig(definition, transform(config, base), false).originalsStrings());
        } catch (Throwable failure) {
            return null;
        }
    }

    static final List<String> NAMES = List.of("plain", "orders", "heartbeats", "a.plain", "b.plain", "usdf.plain", "mm2-x.internal",
        "console-consumer-1", "cleanup.policy", "min.insync.replicas", "message.timestamp.type", "message.timestamp.before.max.ms",
        "message.timestamp.after.max.ms", "message.timestamp.difference.max.ms", "follower.replication.throttled.replicas",
        "leader.replication.throttled.replicas", "unclean.leader.election.enable", "retention.ms", "segment.bytes");

    /**
     * The values that the connector uses: every getter of its configuration without arguments; for policy and filters, their
     * results for NAMES. Durations in ms as in MM2, with -1 for disabled tasks.
     */
    static Object derived(MirrorMakerConfig config, Class<? extends Connector> connector, Map<String, String> base) {
        Map<String, Object> answer = new TreeMap<>();
        try {
            Class<?> type = Class.forName(connector.getName().replace("Connector", "Config"));
            Object own = type.getConstructor(Map.class).newInstance(transform(config, base));
            for (Class<?> level = type; level != AbstractConfig.class; level = level.getSuperclass()) {
                for (Method method : level.getDeclaredMethods()) {
                    boolean isGetter = method.getParameterCount() == 0 && !java.lang.reflect.Modifier.isStatic(method.getModifiers());
                    if (!isGetter || method.isSynthetic()) continue;
                    method.setAccessible(true);
                    Object value = method.invoke(own);
                    if (value instanceof java.time.Duration duration) value = duration.toMillis();
                    if (value instanceof Map) continue;
                    answer.putIfAbsent(method.getName(), judged(value, answersOf(own, "sourceClusterAlias")));
                }
            }
        } catch (Throwable failure) {
            return Map.of("refused", message(failure));
        }
        return answer;
    }

    static String answersOf(Object own, String getter) throws Exception {
        Method method = own.getClass().getSuperclass().getDeclaredMethod(getter);
        method.setAccessible(true);
        return (String) method.invoke(own);
    }

    static Object judged(Object value, String source) {
        Map<String, Object> answer = new LinkedHashMap<>();
        for (String name : NAMES) {
            if (value instanceof ReplicationPolicy policy) answer.put(name, policy.formatRemoteTopic(source, name));
            else if (value instanceof TopicFilter filter) answer.put(name, filter.shouldReplicateTopic(name));
            else if (value instanceof GroupFilter filter) answer.put(name, filter.shouldReplicateGroup(name));
            else if (value instanceof ConfigPropertyFilter filter) answer.put(name, filter.shouldReplicateConfigProperty(name));
            else return value;
        }
        return answer;
    }

    @SuppressWarnings("unchecked")
    static Map<String, String> transform(MirrorMakerConfig config, Map<String, String> props) throws Exception {
        Method transform = MirrorMakerConfig.class.getDeclaredMethod("transform", Map.class);
        transform.setAccessible(true);
        return (Map<String, String>) transform.invoke(config, props);
    }

    static Object validate(MirrorMakerConfig config, Class<? extends Connector> connector, Map<String, String> base) {
        try {
            Config result = connector.getDeclaredConstructor().newInstance().validate(transform(config, base));
            Map<String, Object> errors = new TreeMap<>();
            for (ConfigValue value : result.configValues()) {
                if (!value.errorMessages().isEmpty()) errors.put(value.name(), value.errorMessages());
            }
            return errors;
        } catch (Throwable failure) {
            return Map.of("", List.of(message(failure)));
        }
    }

    static Object worker(MirrorMakerConfig config, SourceAndTarget pair) {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            Map<String, String> props = config.workerConfig(pair);
            answer.put("props", new TreeMap<>(props));
            answer.put("originals", new TreeMap<>(new DistributedConfig(props).originalsStrings()));
        } catch (Throwable failure) {
            answer.put("refused", message(failure));
        }
        return answer;
    }

    /** Lines of two kinds: `P <hex>` is a pattern, `N <hex>` a name to match as a whole against the last pattern. */
    static void regex(String file) throws Exception {
        Pattern pattern = null;
        List<Object> matches = null;
        for (String line : Files.readAllLines(Path.of(file))) {
            String text = unhex(line.substring(2));
            if (line.startsWith("P")) {
                if (matches != null) System.out.println(json(matches));
                matches = new ArrayList<>();
                try {
                    pattern = Pattern.compile(text);
                } catch (PatternSyntaxException failure) {
                    pattern = null;
                    matches.add(failure.getDescription());
                }
            } else if (pattern != null) {
                matches.add(pattern.matcher(text).matches());
            }
        }
        System.out.println(json(matches));
    }

    static String unhex(String hex) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i + 4 <= hex.length(); i += 4) text.append((char) Integer.parseInt(hex.substring(i, i + 4), 16));
        return text.toString();
    }

    /** A file with one JAAS line, UTF-8. */
    static Object jaas(String file) throws Exception {
        Class<?> type = Class.forName("org.apache.kafka.common.security.JaasConfig");
        Constructor<?> constructor = type.getDeclaredConstructor(String.class, String.class);
        constructor.setAccessible(true);
        Object parsed = constructor.newInstance("KafkaClient", Files.readString(Path.of(file), StandardCharsets.UTF_8));
        Method method = type.getMethod("getAppConfigurationEntry", String.class);
        method.setAccessible(true);
        List<Object> entries = new ArrayList<>();
        for (AppConfigurationEntry entry : (AppConfigurationEntry[]) method.invoke(parsed, "KafkaClient")) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("name", entry.getLoginModuleName());
            answer.put("options", new TreeMap<>(entry.getOptions()));
            entries.add(answer);
        }
        return entries;
    }

    /** Every key of every definition: type, default, importance. */
    static Object definitions() throws Exception {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("top", describe((ConfigDef) call(MirrorMakerConfig.class, "config")));
        String[][] connectors = {
            {"MirrorSourceConnector", "MirrorSourceConfig"},
            {"MirrorHeartbeatConnector", "MirrorHeartbeatConfig"},
            {"MirrorCheckpointConnector", "MirrorCheckpointConfig"},
        };
        for (String[] names : connectors) {
            Class<?> type = Class.forName("org.apache.kafka.connect.mirror." + names[1]);
            Field field = type.getDeclaredField("CONNECTOR_CONFIG_DEF");
            field.setAccessible(true);
            all.put(names[0], describe((ConfigDef) field.get(null)));
        }
        Class<?> crypto = Class.forName("org.apache.kafka.connect.runtime.distributed.Crypto");
        Method worker = DistributedConfig.class.getDeclaredMethod("config", crypto);
        worker.setAccessible(true);
        all.put("worker", describe((ConfigDef) worker.invoke(null, crypto.getField("SYSTEM").get(null))));
        all.put("consumer", describe(org.apache.kafka.clients.consumer.ConsumerConfig.configDef()));
        all.put("producer", describe(org.apache.kafka.clients.producer.ProducerConfig.configDef()));
        all.put("admin", describe(org.apache.kafka.clients.admin.AdminClientConfig.configDef()));
        return all;
    }

    static Object call(Class<?> type, String name) throws Exception {
        Method method = type.getDeclaredMethod(name);
        method.setAccessible(true);
        return method.invoke(null);
    }

    static Object describe(ConfigDef definition) {
        Map<String, Object> keys = new TreeMap<>();
        for (ConfigDef.ConfigKey key : definition.configKeys().values()) {
            if (key.internalConfig) continue;
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("kind", key.type.toString().toLowerCase());
            row.put("required", !key.hasDefault());
            boolean isNull = !key.hasDefault() || key.defaultValue == null;
            row.put("fallback", isNull ? null : ConfigDef.convertToString(key.defaultValue, key.type));
            row.put("importance", key.importance.toString().toLowerCase());
            keys.put(key.name, row);
        }
        return keys;
    }

    static String json(Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) return String.valueOf(value);
        StringBuilder out = new StringBuilder();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> out.append(out.isEmpty() ? "" : ",").append(json(key)).append(":").append(json(item)));
            return "{" + out + "}";
        }
        if (value instanceof Iterable<?> list) {
            list.forEach(item -> out.append(out.isEmpty() ? "" : ",").append(json(item)));
            return "[" + out + "]";
        }
        for (char c : value.toString().toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ' || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return "\"" + out + "\"";
    }
}
