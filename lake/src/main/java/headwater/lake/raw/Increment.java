package headwater.lake.raw;

import static org.apache.spark.sql.functions.col;

import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.CollectedRows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The raw changes of all tables that a pass merges, read once and kept until it is closed. */
public final class Increment implements AutoCloseable {
    private final RawChanges raw;
    private final CollectedRows rows;
    private final Map<String, ChangeCounts> counts;

    private Increment(RawChanges raw, CollectedRows rows, Map<String, ChangeCounts> counts) {
        this.raw = raw;
        this.rows = rows;
        this.counts = counts;
    }

    /** Reads the changes with {@code from < commit_lsn <= to} of an epoch. */
    public static Increment read(SparkSession spark, RawChanges raw, long from, long to, int epoch) {
        CollectedRows rows = CollectedRows.of(raw.between(from, to, epoch).select(ChangeRow.COLUMNS));
        Map<String, ChangeCounts> counts =
                rows.rows().map(ChangeCounts::of).orElseGet(() -> ChangeCounts.of(rows.in(spark)));
        return new Increment(raw, rows, counts);
    }

    /** Whether a table has changes in it. */
    public boolean touches(TableSpec table) {
        return of(table).rows() > 0;
    }

    /** All its rows, messages included. */
    public long size() {
        return counts.values().stream().mapToLong(ChangeCounts::rows).sum();
    }

    public RawChanges raw() {
        return raw;
    }

    public ChangeCounts of(TableSpec table) {
        return counts.getOrDefault(table.source().toString(), ChangeCounts.NONE);
    }

    /** The shape of {@link #held}. */
    public StructType shape() {
        return rows.schema();
    }

    /** The changes of one table after its own position, if the driver holds them. */
    public Optional<List<Row>> held(long from, TableSpec table) {
        return rows.rows()
                .map(all -> all.stream()
                        .filter(row -> ChangeRow.commitLsn(row) > from
                                && ChangeRow.table(row).equals(table.source().toString()))
                        .toList());
    }

    /** The changes of one table after its own position. */
    public Dataset<Row> after(long from, TableSpec table, SparkSession session) {
        return rows.in(session)
                .where(col("source_schema")
                        .equalTo(table.source().schema())
                        .and(col("source_table").equalTo(table.source().name()))
                        .and(col("commit_lsn").gt(from)));
    }

    @Override
    public void close() {
        rows.close();
    }
}
