// Compares two clusters record by record with Kafka's own consumers; knows nothing of whoever copied.
// Per partition both logs are read side by side, as a read_committed application sees them, and every key, value, header
// and timestamp is compared in order. Offsets are not: aborted transactions and compaction leave gaps that a copy need not have.
// The kind of timestamp is not either: MM2 does not carry message.timestamp.type over, so the append time of a LogAppendTime
// topic arrives as the creation time of the copy.
//   java -cp 'JARS/*' Compare.java SOURCE_SERVERS TARGET_SERVERS [--prefix TEXT] [TOPIC...]
// --prefix: what target topics have in front of the source's name. One JSON line per partition, a summary at the end.
// Exit code 0: all equal; 1: something differs; other: the comparison itself failed.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Compare {
    /** How far ahead a record is looked for when the two logs part ways. */
    static final int WINDOW = 10_000;
    static final long WINDOW_BYTES = 32L << 20;
    /** How many unmatched records are remembered to tell a record out of place from one missing and one extra. */
    static final int REMEMBERED = 200_000;
    static final long PATIENCE_MS = 30_000;

    public static void main(String[] args) throws Exception {
        var words = new ArrayList<>(List.of(args));
        int at = words.indexOf("--prefix");
        String prefix = at < 0 ? "" : words.get(at + 1);
        if (at >= 0) words.subList(at, at + 2).clear();
        boolean equal;
        try (var source = consumer(words.get(0)); var target = consumer(words.get(1))) {
            equal = compare(source, target, prefix, words.subList(2, words.size()));
        }
        System.exit(equal ? 0 : 1);
    }

    static boolean compare(KafkaConsumer<byte[], byte[]> source, KafkaConsumer<byte[], byte[]> target, String prefix, List<String> chosen) throws Exception {
        var sourceTopics = new TreeMap<>(source.listTopics());
        var targetTopics = target.listTopics();
        var names = new TreeSet<>(chosen);
        if (chosen.isEmpty()) {
            names.addAll(sourceTopics.keySet());
            // A topic that only the target has was not meant to be there.
            for (String name : targetTopics.keySet()) if (name.startsWith(prefix)) names.add(name.substring(prefix.length()));
            names.removeIf(Compare::isInternal);
        }
        int partitions = 0;
        long records = 0, faults = 0;
        for (String topic : names) {
            int there = partitionsOf(targetTopics, prefix + topic), here = partitionsOf(sourceTopics, topic);
            for (int p = 0; p < Math.max(here, there); p++) {
                var sourceLog = new Log(source, p < here ? new TopicPartition(topic, p) : null);
                var targetLog = new Log(target, p < there ? new TopicPartition(prefix + topic, p) : null);
                var result = new Partition(sourceLog, targetLog);
                if (p >= there) result.fault("the target has no such partition");
                if (p >= here) result.fault("the source has no such partition");
                result.compare();
                System.out.println(result.json(topic, p));
                partitions++;
                records += sourceLog.taken;
                faults += result.faults();
            }
        }
        System.out.printf("{\"topics\":%d,\"partitions\":%d,\"records\":%d,\"faults\":%d}%n", names.size(), partitions, records, faults);
        return faults == 0 && partitions > 0;
    }

    /** MM2's and Kafka's own topics live on one side only. */
    static boolean isInternal(String topic) {
        return topic.startsWith("__") || topic.endsWith(".internal") || topic.endsWith("-internal") || topic.equals("heartbeats") || topic.endsWith(".heartbeats");
    }

    static int partitionsOf(Map<String, List<PartitionInfo>> topics, String name) {
        return topics.getOrDefault(name, List.of()).size();
    }

    static KafkaConsumer<byte[], byte[]> consumer(String servers) {
        var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", servers, "isolation.level", "read_committed",
            "enable.auto.commit", "false", "auto.offset.reset", "none", "max.partition.fetch.bytes", "4194304", "max.poll.records", "2000",
            // A long poll for the partition just finished would hold up the next one.
            "fetch.max.wait.ms", "20"));
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    // ---- one side ----------------------------------------------------------------------------------------------------

    /** One partition's records from log start to the end seen at the beginning, with a bounded look ahead. A null partition is an empty log. */
    static final class Log {
        final KafkaConsumer<byte[], byte[]> consumer;
        final TopicPartition partition;
        final long end;
        final ArrayDeque<ConsumerRecord<byte[], byte[]>> ahead = new ArrayDeque<>();
        long aheadBytes, taken;
        private Iterator<ConsumerRecord<byte[], byte[]>> polled = List.<ConsumerRecord<byte[], byte[]>>of().iterator();

        Log(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
            this.consumer = consumer;
            this.partition = partition;
            if (partition == null) {
                end = 0;
                return;
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            end = consumer.endOffsets(List.of(partition)).get(partition);
        }

        /** The next record, or null at the end. */
        ConsumerRecord<byte[], byte[]> head() throws TimeoutException {
            return more(1) ? ahead.peekFirst() : null;
        }

        ConsumerRecord<byte[], byte[]> take() {
            var record = ahead.removeFirst();
            aheadBytes -= size(record);
            taken++;
            return record;
        }

        /** Reads on until `count` records lie ahead; false when the log or the window ends before. */
        boolean more(int count) throws TimeoutException {
            while (ahead.size() < count) {
                if (aheadBytes > WINDOW_BYTES && !ahead.isEmpty()) return false;
                var record = next();
                if (record == null) return false;
                ahead.addLast(record);
                aheadBytes += size(record);
            }
            return true;
        }

        private ConsumerRecord<byte[], byte[]> next() throws TimeoutException {
            long giveUp = System.currentTimeMillis() + PATIENCE_MS;
            while (!polled.hasNext()) {
                if (partition == null || consumer.position(partition) >= end) return null;
                if (System.currentTimeMillis() > giveUp) throw new TimeoutException(partition + " gave nothing for " + PATIENCE_MS + " ms at offset " + consumer.position(partition) + " of " + end);
                polled = consumer.poll(Duration.ofMillis(500)).iterator();
            }
            var record = polled.next();
            // Anything past the noted end was written after the comparison began.
            return record.offset() < end ? record : null;
        }

        static long size(ConsumerRecord<byte[], byte[]> record) {
            return 100L + Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        }
    }

    // ---- two sides ---------------------------------------------------------------------------------------------------

    static final class Partition {
        final Log source, target;
        long equal, missing, extra, different, moved;
        String first;
        /** Fingerprints of records found on one side only so far, oldest first. */
        final Map<Integer, Integer> lost = new LinkedHashMap<>(), found = new LinkedHashMap<>();

        Partition(Log source, Log target) {
            this.source = source;
            this.target = target;
        }

        void compare() throws TimeoutException {
            while (true) {
                var s = source.head();
                var t = target.head();
                if (s == null && t == null) break;
                if (s == null) extra(target.take());
                else if (t == null) missing(source.take());
                else if (difference(s, t) == null) pair();
                else reconcile(s, t);
            }
            // An empty partition that only one side has is a fault too.
            if (first != null && faults() == 0) different = 1;
        }

        void pair() {
            source.take();
            target.take();
            equal++;
        }

        /** The heads differ: the nearest record that both logs have tells which side lacks what. */
        void reconcile(ConsumerRecord<byte[], byte[]> s, ConsumerRecord<byte[], byte[]> t) throws TimeoutException {
            source.more(WINDOW);
            target.more(WINDOW);
            int inTarget = indexOf(target, s), inSource = indexOf(source, t);
            if (inTarget > 0 && (inSource < 0 || inTarget <= inSource)) for (int i = 0; i < inTarget; i++) extra(target.take());
            else if (inSource > 0) for (int i = 0; i < inSource; i++) missing(source.take());
            else if (Arrays.equals(s.key(), t.key()) || s.timestamp() == t.timestamp()) changed(source.take(), target.take());
            else {
                missing(source.take());
                extra(target.take());
            }
        }

        static int indexOf(Log log, ConsumerRecord<byte[], byte[]> wanted) {
            int i = 0;
            for (var record : log.ahead) {
                if (difference(record, wanted) == null) return i;
                i++;
            }
            return -1;
        }

        void changed(ConsumerRecord<byte[], byte[]> s, ConsumerRecord<byte[], byte[]> t) {
            different++;
            fault(difference(s, t) + " differs: source " + show(s) + ", target " + show(t));
        }

        void missing(ConsumerRecord<byte[], byte[]> record) {
            if (forget(found, record)) {
                extra--;
                moved++;
            } else {
                missing++;
                remember(lost, record);
            }
            fault("the target lacks " + show(record) + " here");
        }

        void extra(ConsumerRecord<byte[], byte[]> record) {
            if (forget(lost, record)) {
                missing--;
                moved++;
            } else {
                extra++;
                remember(found, record);
            }
            fault("the target has " + show(record) + ", the source has not, here");
        }

        static boolean forget(Map<Integer, Integer> prints, ConsumerRecord<byte[], byte[]> record) {
            int print = fingerprint(record);
            if (!prints.containsKey(print)) return false;
            prints.computeIfPresent(print, (k, n) -> n == 1 ? null : n - 1);
            return true;
        }

        static void remember(Map<Integer, Integer> prints, ConsumerRecord<byte[], byte[]> record) {
            if (prints.size() < REMEMBERED) prints.merge(fingerprint(record), 1, Integer::sum);
        }

        static int fingerprint(ConsumerRecord<byte[], byte[]> r) {
            int hash = 31 * Arrays.hashCode(r.key()) + Arrays.hashCode(r.value());
            for (Header h : r.headers()) hash = 31 * (31 * hash + h.key().hashCode()) + Arrays.hashCode(h.value());
            return 31 * hash + Long.hashCode(r.timestamp());
        }

        void fault(String sentence) {
            if (first == null) first = sentence;
        }

        long faults() {
            return missing + extra + different + moved;
        }

        String json(String topic, int p) {
            return "{\"topic\":%s,\"partition\":%d,\"source\":%d,\"target\":%d,\"equal\":%d,\"missing\":%d,\"extra\":%d,\"different\":%d,\"moved\":%d%s}"
                .formatted(quote(topic), p, source.taken, target.taken, equal, missing, extra, different, moved, first == null ? "" : ",\"first\":" + quote(first));
        }
    }

    /** The first field in which two records differ, or null. */
    static String difference(ConsumerRecord<byte[], byte[]> a, ConsumerRecord<byte[], byte[]> b) {
        if (a.timestamp() != b.timestamp()) return "timestamp";
        if (!Arrays.equals(a.key(), b.key())) return "key";
        if (!Arrays.equals(a.value(), b.value())) return "value";
        Header[] x = a.headers().toArray(), y = b.headers().toArray();
        if (x.length != y.length) return "number of headers";
        for (int i = 0; i < x.length; i++) {
            if (!x[i].key().equals(y[i].key()) || !Arrays.equals(x[i].value(), y[i].value())) return "header " + i;
        }
        return null;
    }

    static String show(ConsumerRecord<byte[], byte[]> r) {
        return "offset %d (key %s, %s, timestamp %d, %d headers)".formatted(r.offset(), text(r.key()),
            r.value() == null ? "null value" : "value of " + r.value().length + " bytes", r.timestamp(), r.headers().toArray().length);
    }

    static String text(byte[] bytes) {
        if (bytes == null) return "null";
        String text = new String(bytes, StandardCharsets.UTF_8);
        return "'" + (text.length() > 30 ? text.substring(0, 30) + ".." : text) + "'";
    }

    static String quote(String text) {
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ') out.append("\\u%04x".formatted((int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
