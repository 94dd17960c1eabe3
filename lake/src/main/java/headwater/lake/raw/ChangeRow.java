package headwater.lake.raw;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** The columns of raw/changes that a merge reads, and those of a row in that shape. */
public final class ChangeRow {
    private static final List<String> NAMES = List.of(
            "source_epoch",
            "commit_lsn",
            "tx_order",
            "op",
            "source_schema",
            "source_table",
            "key",
            "old_key",
            "before",
            "after",
            "unchanged",
            "schema_id");

    static final Column[] COLUMNS = NAMES.stream().map(functions::col).toArray(Column[]::new);

    private static final int EPOCH = NAMES.indexOf("source_epoch");
    private static final int COMMIT_LSN = NAMES.indexOf("commit_lsn");
    private static final int ORDER = NAMES.indexOf("tx_order");
    private static final int OP = NAMES.indexOf("op");
    private static final int SCHEMA = NAMES.indexOf("source_schema");
    private static final int TABLE = NAMES.indexOf("source_table");
    private static final int KEY = NAMES.indexOf("key");
    private static final int BEFORE = NAMES.indexOf("before");
    private static final int AFTER = NAMES.indexOf("after");
    private static final int UNCHANGED = NAMES.indexOf("unchanged");
    private static final int SCHEMA_ID = NAMES.indexOf("schema_id");

    static int epoch(Row row) {
        return row.getInt(EPOCH);
    }

    static long commitLsn(Row row) {
        return row.getLong(COMMIT_LSN);
    }

    static long order(Row row) {
        return row.getLong(ORDER);
    }

    static String op(Row row) {
        return row.getString(OP);
    }

    /** {@code schema.table}, or empty for a message. */
    static String table(Row row) {
        return row.isNullAt(TABLE) ? "" : row.getString(SCHEMA) + "." + row.getString(TABLE);
    }

    public static @Nullable String key(Row row) {
        return row.getString(KEY);
    }

    static boolean hasImage(Row row) {
        return !row.isNullAt(BEFORE);
    }

    static boolean lacksValues(Row row) {
        return !row.isNullAt(UNCHANGED);
    }

    public static boolean hasNewRow(Row row) {
        return !row.isNullAt(AFTER);
    }

    /** Characters of the new row and of the old one. */
    static long size(Row row) {
        return length(row, BEFORE) + length(row, AFTER);
    }

    private static long length(Row row, int at) {
        return row.isNullAt(at) ? 0 : row.getString(at).length();
    }

    /** Null for a message, and in raw tables of the first versions. */
    public static @Nullable String schema(Row row) {
        return row.getString(SCHEMA_ID);
    }

    public static Position position(Row row) {
        return new Position(epoch(row), commitLsn(row), order(row));
    }

    private ChangeRow() {}
}
