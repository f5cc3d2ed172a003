// Asks Kafka's own classes for MM2's topic names, and whether MM2 replicates a topic. In: one case per line, tab-separated: kind,
// separator, internal separator enabled, source alias, target alias, include, exclude, heartbeats replication enabled, topic.
// Out: one line per case with the answers in the order of the test; "<null>" is null.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.mirror.ConfigPropertyFilter;
import org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter;
import org.apache.kafka.connect.mirror.DefaultReplicationPolicy;
import org.apache.kafka.connect.mirror.DefaultTopicFilter;
import org.apache.kafka.connect.mirror.IdentityReplicationPolicy;
import org.apache.kafka.connect.mirror.MirrorSourceConnector;
import org.apache.kafka.connect.mirror.ReplicationPolicy;
import org.apache.kafka.connect.mirror.SourceAndTarget;
import org.apache.kafka.connect.mirror.TopicFilter;

public class PolicyOracle {
    private static final Map<String, MirrorSourceConnector> CONNECTORS = new HashMap<>();

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder out = new StringBuilder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.append(answer(line.split("\t", -1))).append('\n');
        }
        System.out.print(out);
    }

    private static String answer(String[] f) throws Exception {
        String topic = f[8];
        ReplicationPolicy policy = f[0].equals("identity") ? new IdentityReplicationPolicy() : new DefaultReplicationPolicy();
        ((DefaultReplicationPolicy) policy).configure(Map.of(
            "replication.policy.separator", f[1],
            "replication.policy.internal.topic.separator.enabled", f[2],
            "source.cluster.alias", f[3]));
        return String.join("\t",
            policy.formatRemoteTopic(f[3], topic),
            text(policy.topicSource(topic)),
            text(policy.upstreamTopic(topic)),
            policy.originalTopic(topic),
            "" + policy.isHeartbeatsTopic(topic),
            "" + policy.isCheckpointsTopic(topic),
            "" + policy.isMM2InternalTopic(topic),
            "" + policy.isInternalTopic(topic),
            policy.offsetSyncsTopic(f[4]),
            policy.checkpointsTopic(f[3]),
            "" + replicates(policy, f, topic));
    }

    private static String text(String value) {
        return value == null ? "<null>" : value;
    }

    private static boolean replicates(ReplicationPolicy policy, String[] f, String topic) throws Exception {
        String key = String.join("\t", Arrays.copyOf(f, 8));
        MirrorSourceConnector connector = CONNECTORS.get(key);
        if (connector == null) {
            CONNECTORS.put(key, connector = connector(policy, f));
        }
        Method decide = MirrorSourceConnector.class.getDeclaredMethod("shouldReplicateTopic", String.class);
        decide.setAccessible(true);
        return (Boolean) decide.invoke(connector, topic);
    }

    private static MirrorSourceConnector connector(ReplicationPolicy policy, String[] f) throws Exception {
        DefaultTopicFilter filter = new DefaultTopicFilter();
        filter.configure(Map.of("topics", f[5], "topics.exclude", f[6]));
        Constructor<MirrorSourceConnector> make = MirrorSourceConnector.class.getDeclaredConstructor(
            SourceAndTarget.class, ReplicationPolicy.class, TopicFilter.class, ConfigPropertyFilter.class, boolean.class);
        make.setAccessible(true);
        SourceAndTarget flow = new SourceAndTarget(f[3], f[4]);
        return make.newInstance(flow, policy, filter, new DefaultConfigPropertyFilter(), Boolean.parseBoolean(f[7]));
    }
}
