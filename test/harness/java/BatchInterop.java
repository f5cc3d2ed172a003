// Writes record batches as Java's clients and old brokers did, and reads batches as Java's consumers and brokers do.
//
//   golden   prints batches of every format and codec, each with its bytes and the records that Java finds in it
//   read     reads "NAME BASE64" lines from standard input and prints what Java finds in each batch, and whether a
//            broker would append it (LogValidator, with the batch's own codec as the topic's)
//
// Lines: "case NAME", "bytes BASE64", "record OFFSET TIMESTAMP KEY VALUE [HEADER=VALUE ...]" with bytes in hex ("-" for none,
// "null", and "sha256:..." for what is long), or "records COUNT SHA256" (of those lines, each with its line end) when they are
// many; then "accepted", "changed WHERE" or "refused REASON"; "damaged REASON".
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;

public class BatchInterop {
    static final long TIME = 1_700_000_000_000L;
    static final Header[] NO_HEADERS = new Header[0];

    public static void main(String[] args) throws Exception {
        if (args[0].equals("golden")) golden();
        else read();
    }

    // ---------------------------------------------------------------- writing

    static void golden() throws Exception {
        for (CompressionType codec : CompressionType.values()) {
            for (byte magic = 0; magic <= 2; magic++) {
                if (codec == CompressionType.ZSTD && magic < 2) continue;
                usual(magic, codec);
                large(magic, codec);
            }
            appendTime((byte) 1, codec);
            appendTime((byte) 2, codec);
            holes(codec);
        }
        transactional();
        print("v2-commit-marker", MemoryRecords.withEndTransactionMarker(70, TIME, 5, 4711, (short) 3,
            new EndTransactionMarker(ControlRecordType.COMMIT, 9)).buffer());
        print("v2-abort-marker", MemoryRecords.withEndTransactionMarker(71, TIME, 5, 4711, (short) 3,
            new EndTransactionMarker(ControlRecordType.ABORT, 9)).buffer());
    }

    static MemoryRecordsBuilder builder(ByteBufferOutputStream out, byte magic, CompressionType codec, TimestampType type, long base) {
        return new MemoryRecordsBuilder(out, magic, Compression.of(codec).build(), type, base, TIME + 77, -1L, (short) -1, -1,
            false, false, 5, Integer.MAX_VALUE);
    }

    /** Null and empty keys and values, headers, timestamps that decrease and are far in the future. */
    static void usual(byte magic, CompressionType codec) throws Exception {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 16);
        MemoryRecordsBuilder b = builder(out, magic, codec, TimestampType.CREATE_TIME, 1000);
        Header[] headers = magic < 2 ? NO_HEADERS : new Header[] {
            new RecordHeader("trace", "abc".getBytes()), new RecordHeader("", new byte[0]), new RecordHeader("no\u00eb", null)};
        b.appendWithOffset(1000, at(magic, 0), "k0".getBytes(), "hello".getBytes(), NO_HEADERS);
        b.appendWithOffset(1001, at(magic, -5), null, "no key".getBytes(), headers);
        b.appendWithOffset(1002, at(magic, 40_000_000_000L), "tombstone".getBytes(), null, headers);
        b.appendWithOffset(1003, at(magic, 3), new byte[0], new byte[0], NO_HEADERS);
        b.appendWithOffset(1004, at(magic, 200), (byte[]) null, (byte[]) null, NO_HEADERS);
        print("v" + magic + "-" + codec.name + "-usual", b.build().buffer());
    }

    /** Many records, several lz4 blocks and xerial blocks; half of the data is incompressible. */
    static void large(byte magic, CompressionType codec) throws Exception {
        if (codec == CompressionType.NONE) return;
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 20);
        MemoryRecordsBuilder b = builder(out, magic, codec, TimestampType.CREATE_TIME, 5_000_000_000L);
        Random random = new Random(7);
        byte[] noise = new byte[2000];
        for (int i = 0; i < 60; i++) {
            byte[] value = ("order " + i + " of pizza ").repeat(60).getBytes();
            if (i == 33) {
                random.nextBytes(noise);
                value = noise;
            }
            b.appendWithOffset(5_000_000_000L + i, at(magic, i), ("key-" + i).getBytes(), value, NO_HEADERS);
        }
        print("v" + magic + "-" + codec.name + "-large", b.build().buffer());
    }

    static void appendTime(byte magic, CompressionType codec) throws Exception {
        if (magic < 2 && codec == CompressionType.ZSTD) return;
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 16);
        MemoryRecordsBuilder b = builder(out, magic, codec, TimestampType.LOG_APPEND_TIME, 30);
        for (int i = 0; i < 3; i++) b.appendWithOffset(30 + i, TIME + i, ("k" + i).getBytes(), ("v" + i).getBytes(), NO_HEADERS);
        print("v" + magic + "-" + codec.name + "-append-time", b.build().buffer());
    }

    /** As the log cleaner leaves it: unchanged base and last offset, records missing at both ends and in between. */
    static void holes(CompressionType codec) throws Exception {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 16);
        MemoryRecordsBuilder b = builder(out, (byte) 2, codec, TimestampType.CREATE_TIME, 200);
        for (long offset : new long[] {202, 203, 290, 1_000_000}) b.appendWithOffset(offset, TIME + offset, ("k" + offset).getBytes(), "v".getBytes(), NO_HEADERS);
        b.overrideLastOffset(1_000_007);
        print("v2-" + codec.name + "-holes", b.build().buffer());
    }

    static void transactional() throws Exception {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1 << 16);
        MemoryRecordsBuilder b = new MemoryRecordsBuilder(out, (byte) 2, Compression.NONE, TimestampType.CREATE_TIME, 60, -1L,
            4711L, (short) 3, 900, true, false, 5, Integer.MAX_VALUE);
        for (int i = 0; i < 3; i++) b.appendWithOffset(60 + i, TIME + i, ("k" + i).getBytes(), ("v" + i).getBytes(), NO_HEADERS);
        print("v2-transactional", b.build().buffer());
    }

    static long at(byte magic, long later) {
        return magic == 0 ? RecordBatch.NO_TIMESTAMP : TIME + later;
    }

    static void print(String name, ByteBuffer buffer) throws Exception {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        System.out.println("case " + name);
        System.out.println("bytes " + Base64.getEncoder().encodeToString(bytes));
        printRecords(ByteBuffer.wrap(bytes));
    }

    // ---------------------------------------------------------------- reading

    static void read() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] parts = line.split(" ");
            byte[] bytes = Base64.getDecoder().decode(parts[1]);
            System.out.println("case " + parts[0]);
            try {
                printRecords(ByteBuffer.wrap(bytes));
            } catch (RuntimeException e) {
                System.out.println("damaged " + e);
                continue;
            }
            System.out.println(verdict(bytes));
        }
    }

    static void printRecords(ByteBuffer buffer) throws Exception {
        StringBuilder lines = new StringBuilder();
        int count = 0;
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(buffer).batches()) {
            batch.ensureValid();
            try (var records = batch.streamingIterator(BufferSupplier.create())) {
                for (; records.hasNext(); count++) lines.append(line(records.next())).append('\n');
            }
        }
        if (count > 20) System.out.println("records " + count + " " + sha256(lines.toString().getBytes()));
        else System.out.print(lines);
    }

    static String line(org.apache.kafka.common.record.internal.Record record) throws Exception {
        record.ensureValid();
        StringBuilder line = new StringBuilder("record " + record.offset() + " " + record.timestamp() + " "
            + text(record.hasKey() ? bytes(record.key()) : null) + " "
            + text(record.hasValue() ? bytes(record.value()) : null));
        for (Header header : record.headers())
            line.append(' ').append(text(header.key().getBytes(StandardCharsets.UTF_8))).append('=').append(text(header.value()));
        return line.toString();
    }

    /** A broker's answer to a Produce request with these bytes: the checks before the log, then those of LogValidator. */
    static String verdict(byte[] bytes) {
        try {
            MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes.clone()));
            int batches = 0;
            CompressionType codec = CompressionType.NONE;
            for (MutableRecordBatch batch : records.batches()) {
                if (batch.baseOffset() != 0) return "refused base offset " + batch.baseOffset();
                batches++;
                codec = batch.compressionType();
            }
            if (batches != 1 || records.validBytes() != bytes.length) return "refused " + batches + " batches in " + records.validBytes() + " of " + bytes.length + " bytes";
            LogValidator.ValidationResult result = new LogValidator(records, new TopicPartition("t", 0), Time.SYSTEM, codec,
                Compression.of(codec).build(), false, (byte) 2, TimestampType.CREATE_TIME, Long.MAX_VALUE, Long.MAX_VALUE, 3,
                AppendOrigin.CLIENT).validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(500), new Metrics(), BufferSupplier.create());
            // A batch that had to be rewritten, or whose max timestamp was corrected, is not what we sent.
            ByteBuffer stored = result.validatedRecords().buffer();
            for (int i = 21; i < bytes.length; i++)
                if (stored.get(i) != bytes[i]) return "changed at byte " + i;
            return stored.limit() == bytes.length ? "accepted" : "changed in size";
        } catch (RuntimeException e) {
            return "refused " + e;
        }
    }

    static class Metrics implements LogValidator.MetricsRecorder {
        public void recordInvalidMagic() {}
        public void recordInvalidOffset() {}
        public void recordInvalidSequence() {}
        public void recordInvalidChecksums() {}
        public void recordNoKeyCompactedTopic() {}
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static String text(byte[] bytes) throws Exception {
        if (bytes == null) return "null";
        if (bytes.length == 0) return "-";
        if (bytes.length <= 40) return HexFormat.of().formatHex(bytes);
        return "sha256:" + sha256(bytes);
    }

    static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
