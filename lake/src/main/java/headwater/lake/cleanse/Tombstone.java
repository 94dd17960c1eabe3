package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.lit;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Column;

/** What takes the place of a cleansed row that the source no longer has: its key, and since when it is gone. */
record Tombstone(Position at, String reason) {

    static Tombstone deleted(Position at) {
        return new Tombstone(at, CleansedColumns.REASON_DELETED);
    }

    static Tombstone truncated(Position at) {
        return new Tombstone(at, CleansedColumns.REASON_TRUNCATED);
    }

    /** Spark SQL: the source still had a row of a cleansed table, as a valid row or an invalid one. */
    static String isNoneOf(String row) {
        return "(" + row + "." + CleansedColumns.DELETED + " = false OR " + row + "." + CleansedColumns.REASON
                + " NOT IN ('" + CleansedColumns.REASON_DELETED + "', '" + CleansedColumns.REASON_TRUNCATED + "'))";
    }

    /** By their quoted names all columns of the cleansed table but those of its key. */
    Map<String, Column> columns(TableSpec spec) {
        Map<String, Column> columns = new LinkedHashMap<>();
        spec.columns().keySet().stream()
                .filter(name -> !spec.key().contains(name))
                .forEach(name -> columns.put(quoted(name), lit(null)));
        columns.put(quoted(CleansedColumns.EPOCH), lit(at.epoch()));
        columns.put(quoted(CleansedColumns.COMMIT_LSN), lit(at.commitLsn()));
        columns.put(quoted(CleansedColumns.ORDER), lit(at.order()));
        columns.put(quoted(CleansedColumns.DELETED), lit(true));
        columns.put(quoted(CleansedColumns.REASON), lit(reason));
        return columns;
    }
}
