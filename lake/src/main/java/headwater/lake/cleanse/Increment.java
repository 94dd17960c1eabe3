package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.col;

import headwater.lake.pipeline.TableSpec;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** The raw changes of all tables that a pass merges, read once and kept until it is closed. */
public final class Increment implements AutoCloseable {
    private final RawChanges raw;
    private final Dataset<Row> rows;
    private final Map<String, ChangeCounts> counts;

    private Increment(RawChanges raw, Dataset<Row> rows, Map<String, ChangeCounts> counts) {
        this.raw = raw;
        this.rows = rows;
        this.counts = counts;
    }

    /** Reads the changes with {@code from < commit_lsn <= to} of an epoch. */
    public static Increment read(RawChanges raw, long from, long to, int epoch) {
        Dataset<Row> rows = raw.between(from, to, epoch)
                .select(
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
                        "unchanged")
                .persist(StorageLevel.MEMORY_AND_DISK());
        return new Increment(raw, rows, ChangeCounts.of(rows));
    }

    /** Whether there is no row at all, not even of a message. */
    public boolean isEmpty() {
        return counts.isEmpty();
    }

    /** Whether a table has changes in it. */
    public boolean touches(TableSpec table) {
        return of(table).rows() > 0;
    }

    /** All its rows, messages included. */
    public long size() {
        return counts.values().stream().mapToLong(ChangeCounts::rows).sum();
    }

    RawChanges raw() {
        return raw;
    }

    ChangeCounts of(TableSpec table) {
        return counts.getOrDefault(table.source().toString(), ChangeCounts.NONE);
    }

    /** The changes of one table after its own position. */
    Dataset<Row> after(long from, TableSpec table) {
        return rows.where(col("source_schema")
                .equalTo(table.source().schema())
                .and(col("source_table").equalTo(table.source().name()))
                .and(col("commit_lsn").gt(from)));
    }

    @Override
    public void close() {
        rows.unpersist(false);
    }
}
