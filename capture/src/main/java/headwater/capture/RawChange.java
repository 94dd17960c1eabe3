package headwater.capture;

import headwater.lake.contract.Operation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * One row of raw/changes as far as it is known before its transaction has ended: all but the commit LSN. The texts are
 * those of {@link headwater.lake.contract.TableContract#RAW_CHANGES}, null where the column is.
 *
 * @param committedAt microseconds since 1970-01-01 UTC
 * @param capturedAt microseconds since 1970-01-01 UTC
 */
record RawChange(
        long txId,
        long order,
        Operation operation,
        String schema,
        String table,
        String key,
        String oldKey,
        String before,
        String after,
        String unchanged,
        String message,
        long committedAt,
        long capturedAt,
        String schemaId) {
    /** What a row takes on the heap beside its texts: the record, its fields and the string headers. */
    private static final int OVERHEAD = 300;

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
        for (String text : new String[] {schema, table, key, oldKey, before, after, unchanged, message, schemaId}) {
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

    private static void writeText(DataOutput out, String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int length(String text) {
        return text == null ? 0 : text.length();
    }
}
