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

    static int epoch(Row row) {
        return row.getInt(0);
    }

    static long commitLsn(Row row) {
        return row.getLong(1);
    }

    static long order(Row row) {
        return row.getLong(2);
    }

    static String op(Row row) {
        return row.getString(3);
    }

    /** {@code schema.table}, or empty for a message. */
    static String table(Row row) {
        return row.isNullAt(5) ? "" : row.getString(4) + "." + row.getString(5);
    }

    public static @Nullable String key(Row row) {
        return row.getString(6);
    }

    static boolean hasImage(Row row) {
        return !row.isNullAt(8);
    }

    static boolean lacksValues(Row row) {
        return !row.isNullAt(10);
    }

    public static boolean hasNewRow(Row row) {
        return !row.isNullAt(9);
    }

    /** Characters of the new row and of the old one. */
    static long size(Row row) {
        return length(row, 8) + length(row, 9);
    }

    private static long length(Row row, int at) {
        return row.isNullAt(at) ? 0 : row.getString(at).length();
    }

    /** Null for a message, and in raw tables of the first versions. */
    public static @Nullable String schema(Row row) {
        return row.getString(11);
    }

    public static Position position(Row row) {
        return new Position(epoch(row), commitLsn(row), order(row));
    }

    private ChangeRow() {}
}
