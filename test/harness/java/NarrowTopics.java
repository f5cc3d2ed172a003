// A topic policy for brokers that are started with create.topic.policy.class.name=NarrowTopics.
import java.util.Map;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

public class NarrowTopics implements CreateTopicPolicy {
    @Override
    public void configure(Map<String, ?> configs) {}

    @Override
    public void validate(RequestMetadata topic) throws PolicyViolationException {
        if (topic.numPartitions() != null && topic.numPartitions() > 4 && !topic.topic().startsWith("__"))
            throw new PolicyViolationException("more than 4 partitions need a ticket");
    }

    @Override
    public void close() {}
}
