// Administers a cluster with Kafka's own admin client: topics, leaders, ACLs, users, offsets of groups. The first line of stdin
// is a JSON object: bootstrap, client settings, and `steps`, executed one after the other (see operate.ts). Prints the answer of
// each step as a line of JSON.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

public class Operate {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long PATIENCE_MS = 60_000;

    final Admin admin;

    Operate(Admin admin) {
        this.admin = admin;
    }

    public static void main(String[] args) throws Exception {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var wish = JSON.readTree(input.readLine());
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", wish.get("bootstrap").asText()));
        settings.putAll(texts(wish.get("client")));
        try (var admin = Admin.create(settings)) {
            var operate = new Operate(admin);
            for (JsonNode step : wish.get("steps")) System.out.println(JSON.writeValueAsString(operate.step(step)));
        }
    }

    Object step(JsonNode step) throws Exception {
        String topic = step.path("topic").asText();
        int partition = step.path("partition").asInt();
        switch (step.get("do").asText()) {
            case "createTopics" -> createTopics(step);
            case "deleteTopics" -> admin.deleteTopics(list(step.get("topics"))).all().get();
            case "addPartitions" -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(step.get("count").asInt()))).all().get();
            case "configure" -> configure(step);
            case "deleteRecords" -> admin.deleteRecords(Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(step.get("before").asLong()))).all().get();
            case "moveLeader" -> moveLeader(new TopicPartition(topic, partition), step.get("broker").asInt());
            case "permit" -> admin.createAcls(bindings(step)).all().get();
            case "forbid" -> admin.deleteAcls(bindings(step).stream().map(AclBinding::toFilter).collect(Collectors.toSet())).all().get();
            case "addUser" -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(step.get("user").asText(),
                new ScramCredentialInfo(ScramMechanism.fromMechanismName(step.get("mechanism").asText()), 4096), step.get("password").asText()))).all().get();
            case "acls" -> { return admin.describeAcls(AclBindingFilter.ANY).values().get().stream().map(Operate::aclLine).sorted().toList(); }
            case "commitOffsets" -> commitOffsets(step);
            case "groupOffsets" -> { return groupOffsets(step.get("group").asText()); }
            case "describe" -> { return describe(list(step.get("topics"))); }
            case "offsets" -> { return offsets(list(step.get("topics"))); }
            default -> throw new IllegalArgumentException("unknown step: " + step);
        }
        return Map.of();
    }

    void createTopics(JsonNode step) throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (JsonNode topic : step.get("topics")) {
            var wanted = new NewTopic(topic.get("name").asText(), Optional.of(topic.path("partitions").asInt(1)), Optional.of((short) topic.path("replication").asInt(1)));
            topics.add(wanted.configs(texts(topic.path("configs"))));
        }
        admin.createTopics(topics).all().get();
        // Brokers know of them slightly later than the controller.
        var names = topics.stream().map(NewTopic::name).toList();
        until("leaders of " + names, () -> {
            try {
                return admin.describeTopics(names).allTopicNames().get().values().stream()
                    .allMatch((topic) -> topic.partitions().stream().allMatch((p) -> p.leader() != null && !p.leader().isEmpty()));
            } catch (ExecutionException e) {
                return false;
            }
        });
    }

    /** A value of null removes the config. */
    void configure(JsonNode step) throws Exception {
        var type = ConfigResource.Type.valueOf(step.path("type").asText("TOPIC"));
        List<AlterConfigOp> changes = new ArrayList<>();
        step.get("configs").fields().forEachRemaining((config) -> changes.add(config.getValue().isNull()
            ? new AlterConfigOp(new ConfigEntry(config.getKey(), null), AlterConfigOp.OpType.DELETE)
            : new AlterConfigOp(new ConfigEntry(config.getKey(), config.getValue().asText()), AlterConfigOp.OpType.SET)));
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(type, step.get("name").asText()), changes)).all().get();
    }

    /** The broker becomes the first replica, then the leader. If it had no replica, it replaces the last one. */
    void moveLeader(TopicPartition place, int broker) throws Exception {
        var replicas = new ArrayList<>(info(place).replicas().stream().map((node) -> node.id()).toList());
        int count = replicas.size();
        replicas.remove(Integer.valueOf(broker));
        replicas.add(0, broker);
        var wanted = new NewPartitionReassignment(replicas.subList(0, count));
        admin.alterPartitionReassignments(Map.of(place, Optional.of(wanted))).all().get();
        until("reassignment of " + place, () -> admin.listPartitionReassignments(Set.of(place)).reassignments().get().isEmpty());
        until("leader " + broker + " of " + place, () -> {
            var leader = info(place).leader();
            if (leader != null && leader.id() == broker) return true;
            try {
                admin.electLeaders(ElectionType.PREFERRED, Set.of(place)).all().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof ElectionNotNeededException) && !(e.getCause() instanceof org.apache.kafka.common.errors.ApiException)) throw e;
            }
            return false;
        });
    }

    TopicPartitionInfo info(TopicPartition place) throws Exception {
        return admin.describeTopics(List.of(place.topic())).allTopicNames().get().get(place.topic()).partitions().get(place.partition());
    }

    static List<AclBinding> bindings(JsonNode step) {
        var pattern = new ResourcePattern(ResourceType.valueOf(step.get("type").asText()), step.get("name").asText(), PatternType.valueOf(step.path("pattern").asText("LITERAL")));
        return list(step.get("operations")).stream().map((operation) -> new AclBinding(pattern,
            new AccessControlEntry("User:" + step.get("user").asText(), "*", AclOperation.valueOf(operation), AclPermissionType.valueOf(step.path("permission").asText("ALLOW"))))).toList();
    }

    static String aclLine(AclBinding acl) {
        var entry = acl.entry();
        return String.join(" ", acl.pattern().resourceType().name(), acl.pattern().patternType().name(), acl.pattern().name(),
            entry.permissionType().name(), entry.operation().name(), entry.principal(), entry.host());
    }

    void commitOffsets(JsonNode step) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (JsonNode one : step.get("offsets"))
            offsets.put(new TopicPartition(one.get("topic").asText(), one.get("partition").asInt()), new OffsetAndMetadata(one.get("offset").asLong()));
        admin.alterConsumerGroupOffsets(step.get("group").asText(), offsets).all().get();
    }

    List<Map<String, Object>> groupOffsets(String group) throws Exception {
        var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return offsets.entrySet().stream().map((entry) -> Map.<String, Object>of("topic", entry.getKey().topic(), "partition", entry.getKey().partition(), "offset", entry.getValue().offset())).toList();
    }

    List<Map<String, Object>> describe(List<String> topics) throws Exception {
        List<Map<String, Object>> lines = new ArrayList<>();
        var existing = new HashSet<>(admin.listTopics().names().get());
        var described = admin.describeTopics(topics.stream().filter(existing::contains).toList()).allTopicNames().get();
        for (var topic : described.values()) {
            var configs = new HashMap<String, String>();
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.name());
            for (var entry : admin.describeConfigs(Set.of(resource)).all().get().get(resource).entries())
                if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) configs.put(entry.name(), entry.value());
            var partitions = topic.partitions().stream().map((p) -> Map.of("partition", p.partition(),
                "leader", p.leader() == null ? -1 : p.leader().id(), "replicas", p.replicas().stream().map((node) -> node.id()).toList(),
                "isr", p.isr().stream().map((node) -> node.id()).toList())).toList();
            lines.add(Map.of("name", topic.name(), "id", topic.topicId().toString(), "configs", configs, "partitions", partitions));
        }
        return lines;
    }

    List<Map<String, Object>> offsets(List<String> topics) throws Exception {
        Map<TopicPartition, OffsetSpec> first = new HashMap<>(), last = new HashMap<>();
        for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) for (var partition : topic.partitions()) {
            first.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.earliest());
            last.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest());
        }
        var starts = admin.listOffsets(first).all().get();
        var ends = admin.listOffsets(last).all().get();
        return starts.entrySet().stream().map((entry) -> Map.<String, Object>of("topic", entry.getKey().topic(), "partition", entry.getKey().partition(),
            "start", entry.getValue().offset(), "end", ends.get(entry.getKey()).offset())).toList();
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void until(String what, Condition condition) throws Exception {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.holds()) {
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("not in time: " + what);
            Thread.sleep(50);
        }
    }

    static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new HashMap<>();
        object.fields().forEachRemaining((field) -> texts.put(field.getKey(), field.getValue().asText()));
        return texts;
    }

    static List<String> list(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach((one) -> texts.add(one.asText()));
        return texts;
    }
}
