package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.contract.Lsn;
import headwater.lake.delta.FencedWrite;
import headwater.lake.delta.HeldRows;
import headwater.lake.delta.KeyedRows;
import headwater.lake.delta.RowEdit;
import headwater.lake.delta.TableLog;
import headwater.lake.pipeline.TableSpec;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cleansed table: exactly the live source rows at its position that keep the rules, and tombstones of the others.
 * Rejected rows are committed before it, so that no row is ever in neither table.
 */
public final class CleansedTable {
    /** Of a row {@code t} of this table: the source still had it, as a valid row or an invalid one. */
    private static final String NOT_GONE = "(t." + CleansedColumns.DELETED + " = false OR t." + CleansedColumns.REASON
            + " NOT IN ('" + CleansedColumns.REASON_DELETED + "', '" + CleansedColumns.REASON_TRUNCATED + "'))";

    /** What opening a file counts for where Spark shares files out to tasks, and how much a task gets. */
    private static final String FILE_COST = "spark.sql.files.openCostInBytes";

    private static final String FILE_SHARE = "spark.sql.files.maxPartitionBytes";

    private static final Logger LOG = LoggerFactory.getLogger(CleansedTable.class);

    private final SparkSession session;
    private final LakeLayout layout;
    private final TableSpec spec;
    private final String path;
    private final String appId;
    private final TableLog log;
    private final RejectedTable rejected;
    private volatile @Nullable NetImages images;

    /** @param session of this table alone: the fence of a write is a setting of the session */
    public CleansedTable(SparkSession session, LakeLayout layout, TableSpec spec, int epoch) {
        this.session = session;
        this.layout = layout;
        this.spec = spec;
        this.path = layout.cleansed(spec.name());
        this.appId = CommitId.cleanse(spec.name(), epoch);
        this.log = TableLog.at(session, path);
        this.rejected = new RejectedTable(session, layout, spec, epoch);
    }

    public TableSpec spec() {
        return spec;
    }

    public String name() {
        return spec.name();
    }

    /** The LSN that the table reaches, empty if it is not built. */
    public OptionalLong position() {
        return log.position(appId);
    }

    /** The live rows with the pipeline's columns, for plans of a session: what curated tables and readers see. */
    public Dataset<Row> live(SparkSession reader) {
        return log.rows(reader)
                .where(col(CleansedColumns.DELETED).equalTo(false))
                .select(spec.columns().keySet().stream()
                        .map(name -> col(quoted(name)))
                        .toArray(Column[]::new));
    }

    /** The net images of the last merge or advance, if it began at a position and the driver held its rows. */
    public Optional<List<Row>> changedSince(long from) {
        NetImages last = images;
        return last != null && last.from() == from ? Optional.of(last.rows()) : Optional.empty();
    }

    /** The shape of {@link #live} and {@link #changedSince}. */
    public StructType columns() {
        StructType columns = new StructType();
        for (String name : spec.columns().keySet()) {
            columns = columns.add(log.schema().apply(name));
        }
        return columns;
    }

    public TableLog log() {
        return log;
    }

    /** Builds rejected and cleansed rows from a whole load, without a MERGE. */
    public void build(Dataset<Row> load, long lsn) {
        long startedAt = System.nanoTime();
        LOG.info("Building cleansed table={} at={}", spec.name(), new Lsn(lsn));
        Dataset<Row> rows = new Cleansing(spec, sourceColumns(load.schema()))
                .apply(load, List.of(LoadColumns.EPOCH, LoadColumns.LOAD_LSN))
                .withColumnRenamed(LoadColumns.EPOCH, CleansedColumns.EPOCH)
                .withColumnRenamed(LoadColumns.LOAD_LSN, CleansedColumns.COMMIT_LSN)
                .withColumn(CleansedColumns.ORDER, lit(0L));
        // a file of the load becomes a file of the table, so that neighbours by key stay together and a later change of
        // a
        // few keys opens few files; Spark would put files of all parts of the table into one
        session.conf().set(FILE_COST, session.conf().get(FILE_SHARE));
        rejected.build(rows, lsn);
        Column valid = col(Cleansing.RULE).isNull();
        List<Column> columns = new ArrayList<>();
        for (String name : spec.columns().keySet()) {
            Column value = col(quoted(name));
            columns.add(spec.key().contains(name) ? value : when(valid, value).as(name));
        }
        columns.add(col(CleansedColumns.EPOCH));
        columns.add(col(CleansedColumns.COMMIT_LSN));
        columns.add(col(CleansedColumns.ORDER));
        columns.add(not(valid).as(CleansedColumns.DELETED));
        columns.add(col(Cleansing.RULE).as(CleansedColumns.REASON));
        rows.select(columns.toArray(Column[]::new))
                .write()
                .format("delta")
                .mode("append")
                .options(properties(spec))
                .option("txnAppId", appId)
                .option("txnVersion", lsn)
                .save(path);
        session.conf().unset(FILE_COST);
        LOG.info(
                "Built cleansed table={} to={} version={} tookMs={}",
                spec.name(),
                new Lsn(lsn),
                log.version(),
                millisSince(startedAt));
    }

    /** Merges this table's changes of an increment that lie in {@code (from, to]}. */
    public void merge(Increment increment, long from, long to) {
        long startedAt = System.nanoTime();
        LOG.info("Merging cleansed table={} from={} to={}", spec.name(), new Lsn(from), new Lsn(to));
        ChangeCounts counts = increment.of(spec);
        images = null;
        try (HeldRows last = HeldRows.of(lastChanges(increment, counts, from, to))) {
            if (last.rows().isPresent() && counts.truncate().isEmpty()) {
                edit(last.rows().get(), from, to);
            } else {
                rejected.merge(last, counts, to);
                merge(last, counts, to);
            }
        }
        LOG.info(
                "Merged cleansed table={} rows={} to={} version={} tookMs={}",
                spec.name(),
                counts.rows(),
                new Lsn(to),
                log.version(),
                millisSince(startedAt));
    }

    /** Moves the table to a position up to which it has no change. */
    public void advance(long from, long to) {
        long version = log.advance(appId, to);
        images = new NetImages(from, List.of());
        LOG.debug("Advanced cleansed table={} to={} version={}", spec.name(), new Lsn(to), version);
    }

    private Dataset<Row> lastChanges(Increment increment, ChangeCounts counts, long from, long to) {
        StructType source = sourceColumns(
                TableLog.at(session, layout.rawSnapshots(spec.source())).schema());
        LastChanges reduction = new LastChanges(spec, source);
        Optional<List<Row>> held = increment.held(from, spec);
        if (held.isPresent() && counts.unchanged() == 0 && counts.images() == 0) {
            return reduction.of(held.get(), counts, session, increment.shape());
        }
        Dataset<Row> changes = increment.after(from, spec, session);
        if (counts.unchanged() > 0) {
            changes = new UnchangedValues(session, layout, spec, reduction, source).fill(changes, increment.raw(), to);
        }
        return reduction.of(changes, counts);
    }

    /** Applies few rows: what {@link #merge(HeldRows, ChangeCounts, long)} does, in two small Spark jobs. */
    private void edit(List<Row> last, long from, long to) {
        KeyedRows rows = KeyedRows.hiding(session, log, spec.key());
        Map<Row, KeyedRows.Found> present = rows
                .find(last.stream().map(rows::keyOf).toList())
                .stream()
                .collect(Collectors.toMap(found -> rows.keyOf(found.row()), Function.identity()));
        if (concernsRejected(last, present.values())) {
            rejected.edit(last, to);
        }
        int columns = log.schema().size();
        List<RowEdit> edits = new ArrayList<>();
        for (Row change : last) {
            Row row = first(change, columns);
            KeyedRows.Found old = present.get(rows.keyOf(row));
            if (old == null) {
                edits.add(RowEdit.insert(row));
            } else if (position(row).compareTo(position(old.row())) > 0) {
                edits.add(RowEdit.update(old, row));
            }
        }
        if (edits.isEmpty()) {
            log.advance(appId, to);
        } else {
            rows.commit(edits, appId, to);
        }
        images = NetImages.of(from, edits, spec.columns().size(), columns - 2);
    }

    private static Row first(Row row, int columns) {
        Object[] values = new Object[columns];
        for (int at = 0; at < columns; at++) {
            values[at] = row.get(at);
        }
        return RowFactory.create(values);
    }

    /** A row is in rejected now if it is invalid, and was if its tombstone names a rule. */
    private static boolean concernsRejected(List<Row> last, Collection<KeyedRows.Found> present) {
        return last.stream().anyMatch(row -> row.getAs(Cleansing.RULE) != null)
                || present.stream().map(found -> found.row()).anyMatch(row -> {
                    String reason = row.getString(row.size() - 1);
                    return reason != null
                            && !reason.equals(CleansedColumns.REASON_DELETED)
                            && !reason.equals(CleansedColumns.REASON_TRUNCATED);
                });
    }

    /** Of a row of this table: its last five columns are those of {@link CleansedColumns}. */
    private static Position position(Row row) {
        int at = row.size() - 5;
        return new Position(row.getInt(at), row.getLong(at + 1), row.getLong(at + 2));
    }

    private void merge(HeldRows last, ChangeCounts counts, long to) {
        Dataset<Row> source = last.in(session).drop(Cleansing.RULE, Cleansing.SOURCE_ROW);
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(source.as("s"), keysMatch(spec))
                .whenMatched(Position.newer("s", "t"))
                .updateAll()
                .whenNotMatched()
                .insertAll();
        if (counts.truncate().isPresent()) {
            Position truncate = counts.truncate().get();
            merge = merge.whenNotMatchedBySource(NOT_GONE + " AND " + truncate.newerThanRow("t"))
                    .update(tombstone(truncate));
        }
        FencedWrite.run(session, appId, to, merge::execute);
    }

    private Map<String, Column> tombstone(Position at) {
        Map<String, Column> tombstone = spec.columns().keySet().stream()
                .filter(name -> !spec.key().contains(name))
                .collect(Collectors.toMap(name -> quoted(name), name -> lit(null)));
        tombstone.put(CleansedColumns.EPOCH, lit(at.epoch()));
        tombstone.put(CleansedColumns.COMMIT_LSN, lit(at.commitLsn()));
        tombstone.put(CleansedColumns.ORDER, lit(at.order()));
        tombstone.put(CleansedColumns.DELETED, lit(true));
        tombstone.put(CleansedColumns.REASON, lit(CleansedColumns.REASON_TRUNCATED));
        return tombstone;
    }

    /** Spark SQL: a row {@code s} has the key of a row {@code t}; keys are never null. */
    static String keysMatch(TableSpec spec) {
        return spec.key().stream()
                .map(name -> "s." + quoted(name) + " = t." + quoted(name))
                .collect(Collectors.joining(" AND "));
    }

    /** The Delta properties of a table that is merged into by its key. */
    static Map<String, String> properties(TableSpec spec) {
        return Map.of(
                "delta.enableChangeDataFeed", "true",
                "delta.enableDeletionVectors", "true",
                "delta.dataSkippingStatsColumns",
                        spec.key().stream().map(Cleansing::quoted).collect(Collectors.joining(",")),
                "delta.checkpointInterval", "50",
                "delta.logRetentionDuration", "interval 30 days",
                "delta.deletedFileRetentionDuration", "interval 7 days");
    }

    /** The columns of a source table without those that a load adds. */
    static StructType sourceColumns(StructType load) {
        List<String> added = List.of(LoadColumns.LOAD_ID, LoadColumns.EPOCH, LoadColumns.LOAD_LSN);
        return new StructType(Arrays.stream(load.fields())
                .filter(field -> !added.contains(field.name()))
                .toArray(StructField[]::new));
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
