package headwater.capture.raw;

import headwater.lake.contract.Operation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One row of raw/changes as far as it is known before its transaction has ended: all but the commit LSN. The texts are
 * those of {@link headwater.lake.contract.TableContract#RAW_CHANGES}, null where the column is.
 *
 * @param committedAt microseconds since 1970-01-01 UTC
 * @param capturedAt microseconds since 1970-01-01 UTC
 */
public record RawChange(
        long txId,
        long order,
        Operation operation,
        @Nullable String schema,
        @Nullable String table,
        @Nullable String key,
        @Nullable String oldKey,
        @Nullable String before,
        @Nullable String after,
        @Nullable String unchanged,
        @Nullable String message,
        long committedAt,
        long capturedAt,
        @Nullable String schemaId) {
    /** What a row takes on the heap beside its texts: the record, its fields and the string headers. */
    private static final long OVERHEAD = 300;

    /** Bytes on the heap, roughly. */
    long size() {
        return OVERHEAD
                + length(key)
                + length(oldKey)
                + length(before)
                + length(after)
                + length(unchanged)
                + length(message);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(txId);
        out.writeLong(order);
        out.writeUTF(operation.code());
        out.writeLong(committedAt);
        out.writeLong(capturedAt);
        for (@Nullable
        String text :
                new @Nullable String[] {schema, table, key, oldKey, before, after, unchanged, message, schemaId}) {
            writeText(out, text);
        }
    }

    static RawChange read(DataInput in) throws IOException {
        long txId = in.readLong();
        long order = in.readLong();
        Operation operation = Operation.of(in.readUTF());
        long committedAt = in.readLong();
        long capturedAt = in.readLong();
        return new RawChange(
                txId,
                order,
                operation,
                readText(in),
                readText(in),
                readText(in),
                readText(in),
                readText(in),
                readText(in),
                readText(in),
                readText(in),
                committedAt,
                capturedAt,
                readText(in));
    }

    private static void writeText(DataOutput out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static @Nullable String readText(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
