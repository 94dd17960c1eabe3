package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.ChangeCounts;
import headwater.lake.raw.ChangeRow;
import headwater.lake.raw.Increment;
import headwater.lake.raw.Position;
import headwater.lake.raw.SourceLoad;
import headwater.lake.raw.SourceSchemas;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.FencedWrite;
import headwater.lake.table.KeyedEdits;
import headwater.lake.table.LocatedRow;
import headwater.lake.table.RowEdit;
import headwater.lake.table.TableLog;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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
    private static final Logger LOG = LoggerFactory.getLogger(CleansedTable.class);

    /** The text of a change is parsed, cast, shuffled and written in so many copies at a time. */
    private static final int COPIES = 40;

    private final SparkSession session;
    private final LakeLayout layout;
    private final TableSpec spec;
    private final String path;
    private final int epoch;
    private final String appId;
    private final String loadId;
    private final TableLog log;
    private final RejectedTable rejected;
    private final SourceSchemas schemas;
    private final String definition;
    private volatile @Nullable NetImages images;
    private volatile long loaded = -1;

    /** @param session of this table alone: the fence of a write is a setting of the session */
    public CleansedTable(SparkSession session, LakeLayout layout, TableSpec spec, int epoch) {
        this.session = session;
        this.layout = layout;
        this.spec = spec;
        this.path = layout.cleansed(spec.name());
        this.epoch = epoch;
        this.appId = CommitId.cleanse(spec.name(), epoch);
        this.loadId = CommitId.load(spec.source(), epoch);
        this.log = TableLog.at(session, path);
        this.rejected = new RejectedTable(session, layout, spec, epoch);
        this.schemas = new SourceSchemas(session, layout, spec);
        this.definition = Fingerprint.of(spec);
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

    /** The LSN of the newest load that the table holds, -1 if it is not known to hold one. */
    public long loaded() {
        if (loaded < 0) {
            // nobody else moves it
            loaded = log.position(loadId).orElse(-1);
        }
        return loaded;
    }

    /**
     * Whether a load can be applied up to a position: not while the rejected rows, which a pass moves first, are there
     * already, since the commit that gives them the load's rows has to move them.
     */
    public boolean takesLoadsUpTo(long to) {
        return !rejected.isAheadOf(to - 1);
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
        for (StructField field : log.schema().fields()) {
            if (spec.columns().containsKey(field.name())) {
                columns = columns.add(field);
            }
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
        Dataset<Row> rows = InitialRows.of(spec, load);
        requireComparable(rows.schema());
        new InitialBuild(session, spec, log, rejected).write(rows, appId, lsn);
        hold(lsn);
        LOG.info(
                "Built cleansed table={} to={} version={} tookMs={}",
                spec.name(),
                new Lsn(lsn),
                log.version(),
                millisSince(startedAt));
    }

    /**
     * Brings the table to a later position by a load: its rows and the changes after it are what the table holds then,
     * whatever it held before. Only rows that differ from that are touched; those that are in neither become tombstones.
     *
     * @param lsn of the load: at or before {@code to}, and before or after {@code from}
     * @param since the changes after the load up to {@code to}
     * @param from where the table stands, -1 if it has no position in this epoch yet
     */
    public void reload(Dataset<Row> load, long lsn, Increment since, long from, long to) {
        long startedAt = System.nanoTime();
        LOG.info(
                "Applying load to cleansed table={} load={} from={} to={}",
                spec.name(),
                new Lsn(lsn),
                from < 0 ? "an epoch before" : new Lsn(from),
                new Lsn(to));
        ChangeCounts counts = since.of(spec);
        images = null;
        long rows;
        try (CollectedRows last = lastChanges(since, counts, lsn, to)) {
            Dataset<Row> wanted =
                    counts.truncate().isPresent() ? last.in(session) : after(fitting(InitialRows.of(spec, load)), last);
            rejected.become(wanted, to);
            try (CollectedRows difference =
                    CollectedRows.of(CleansedDifference.of(spec, wanted, log.rows(session), tombstone(counts, lsn)))) {
                rows = difference.size();
                if (difference.rows().isPresent()) {
                    replace(difference.rows().get(), from, to);
                } else {
                    merge(difference, Guard.NONE, Optional.empty(), from, to);
                }
            }
        }
        hold(lsn);
        LOG.info(
                "Applied load to cleansed table={} differing={} changes={} to={} version={} tookMs={}",
                spec.name(),
                rows,
                counts.rows(),
                new Lsn(to),
                log.version(),
                millisSince(startedAt));
    }

    /** Merges this table's changes of an increment that lie in {@code (from, to]}. */
    public void merge(Increment increment, long from, long to) {
        long startedAt = System.nanoTime();
        LOG.info("Merging cleansed table={} from={} to={}", spec.name(), new Lsn(from), new Lsn(to));
        requireSameDefinition();
        ChangeCounts counts = increment.of(spec);
        requireRoom(counts);
        images = null;
        try (CollectedRows last = lastChanges(increment, counts, from, to)) {
            if (last.rows().isPresent() && counts.truncate().isEmpty()) {
                edit(last.rows().get(), from, to);
            } else {
                rejected.merge(last, Guard.NEWER, counts.truncate(), to);
                merge(last, Guard.NEWER, counts.truncate(), from, to);
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
        requireSameDefinition();
        long version = log.advance(appId, from, to);
        remember(new NetImages(from, List.of()));
        LOG.debug("Advanced cleansed table={} to={} version={}", spec.name(), new Lsn(to), version);
    }

    /** Spark compares no maps, and every later load and each refresh compares. */
    private void requireComparable(StructType columns) {
        for (StructField field : columns.fields()) {
            if (field.dataType().catalogString().contains("map<")) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot build cleansed/" + spec.name() + ": tables." + spec.name() + ".columns." + field.name()
                                + " makes a map, and maps cannot be compared. Write to_json(...) around it.");
            }
        }
    }

    /** A process without memory ends, and the other tables with it. */
    private void requireRoom(ChangeCounts counts) {
        long heap = Runtime.getRuntime().maxMemory();
        long size = counts.largest().size();
        if (size > heap / COPIES) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": a change of " + spec.source() + " has "
                            + (size >> 20) + " MiB (key " + counts.largest().key() + "), too much for a heap of "
                            + (heap >> 20) + " MiB. Start \"./headwater merge\" with HEADWATER_HEAP="
                            + (((size * COPIES) >> 30) + 1)
                            + "g, and keep a large column that nobody needs away with exclude in the pipeline file.");
        }
    }

    /** Rows of two definitions must not stand side by side; only a load makes all of them anew. */
    private void requireSameDefinition() {
        Optional<String> madeBy = log.property(Fingerprint.PROPERTY);
        if (madeBy.isEmpty()) {
            // made by a version that did not say it
            log.describe(Fingerprint.PROPERTY, definition);
        } else if (!madeBy.get().equals(definition)) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": tables." + spec.name()
                            + " of the pipeline file is not what the table was made by (its key, columns, rules, text, asText"
                            + " or mask), and old and new rows would differ. Run \"./headwater backfill --table "
                            + spec.name()
                            + "\", which the merge then applies to all rows; or put the pipeline file back.");
        }
    }

    private CollectedRows lastChanges(Increment increment, ChangeCounts counts, long from, long to) {
        StructType source = sourceColumns(
                TableLog.at(session, layout.rawSnapshots(spec.source())).schema());
        LastChanges reduction = new LastChanges(spec, source);
        Optional<List<Row>> held = increment.held(from, spec);
        if (held.isPresent() && counts.unchanged() == 0 && counts.images() == 0) {
            requireColumns(held.get(), source);
            CollectedRows last =
                    CollectedRows.of(fitting(reduction.of(held.get(), counts, session, increment.shape())));
            return last.rows()
                    .map(rows -> CollectedRows.of(reduction.newestOfEachKey(rows), last.schema()))
                    .orElse(last);
        }
        Dataset<Row> changes = increment.after(from, spec, session);
        requireColumns(changes, source);
        if (counts.unchanged() > 0) {
            SourceLoad loads = new SourceLoad(session, layout, spec, epoch);
            changes = new UnchangedValues(loads, spec, reduction, source).fill(changes, increment.raw(), from, to);
        }
        return CollectedRows.of(fitting(reduction.of(changes, counts)));
    }

    private void requireColumns(List<Row> changes, StructType source) {
        Set<String> ids = new TreeSet<>();
        for (Row change : changes) {
            String id = ChangeRow.schema(change);
            if (id != null && ChangeRow.hasNewRow(change)) {
                ids.add(id);
            }
        }
        schemas.require(ids, List.of(source.fieldNames()));
    }

    private void requireColumns(Dataset<Row> changes, StructType source) {
        List<String> ids = changes.where(
                        col("after").isNotNull().and(col("schema_id").isNotNull()))
                .select("schema_id")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList();
        schemas.require(ids, List.of(source.fieldNames()));
    }

    /** The rows of a load, those aside that have changed since. */
    private Dataset<Row> after(Dataset<Row> load, CollectedRows last) {
        Dataset<Row> changed = last.in(session);
        Dataset<Row> keys = changed.select(
                spec.key().stream().map(name -> col(quoted(name))).toArray(Column[]::new));
        return load.as("t")
                .join((last.rows().isPresent() ? broadcast(keys) : keys).as("s"), expr(keysMatch(spec)), "left_anti")
                .unionByName(changed);
    }

    /** Records that the table holds a load; until then the load is applied once more, which then finds no difference. */
    private void hold(long lsn) {
        log.advance(loadId, lsn, Fingerprint.PROPERTY, definition);
        loaded = lsn;
    }

    /** Applies few rows: what {@link #merge(CollectedRows, Guard, Optional, long, long)} does, in one small Spark job. */
    private void edit(List<Row> last, long from, long to) {
        KeyedEdits rows = new KeyedEdits(session, log, spec.key());
        Map<Row, LocatedRow> present = rows.find(last);
        long stood = rejected.position();
        if (stood > from || concernsRejected(last, present.values())) {
            rejected.edit(last, Guard.NEWER, stood, to);
        }
        commit(rows, last, present, Guard.NEWER, from, to);
    }

    /** Puts few rows in the place of those with their keys. */
    private void replace(List<Row> difference, long from, long to) {
        KeyedEdits rows = new KeyedEdits(session, log, spec.key());
        commit(rows, difference, rows.find(difference), Guard.NONE, from, to);
    }

    private void commit(
            KeyedEdits rows, List<Row> last, Map<Row, LocatedRow> present, Guard guard, long from, long to) {
        int columns = log.schema().size();
        List<RowEdit> edits = new ArrayList<>();
        Set<Row> keys = new HashSet<>();
        for (Row change : last) {
            Row row = first(change, columns);
            if (!keys.add(rows.keyOf(row))) {
                throw new Failure(
                        Remedy.BUG,
                        "Cannot merge into cleansed/" + spec.name() + ": a pass has two last changes of one key."
                                + " Please report this.");
            }
            LocatedRow old = present.get(rows.keyOf(row));
            if (old == null) {
                edits.add(RowEdit.insert(row));
            } else if (guard.replaces(position(row), position(old.row()))) {
                edits.add(RowEdit.update(old, row));
            }
        }
        if (edits.isEmpty()) {
            log.advance(appId, from, to);
        } else {
            log.requireAt(appId, from);
            rows.commit(edits, appId, to);
        }
        remember(NetImages.of(from, edits, spec.columns().size(), columns - 2));
    }

    /** Only if the rows at its beginning were those of this table's own last commit: what a hand did, the change feed knows. */
    private void remember(NetImages net) {
        OptionalLong first = log.firstVersionAfter(appId, net.from());
        boolean alone = first.isPresent() && !log.changedRows(first.getAsLong(), log.version() - 1);
        images = alone ? net : null;
    }

    private static Row first(Row row, int columns) {
        Object[] values = new Object[columns];
        for (int at = 0; at < columns; at++) {
            values[at] = row.get(at);
        }
        return RowFactory.create(values);
    }

    /** A row is in rejected now if it is invalid, and was if its tombstone names a rule. */
    private static boolean concernsRejected(List<Row> last, Collection<LocatedRow> present) {
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

    private void merge(CollectedRows last, Guard guard, Optional<Position> truncate, long from, long to) {
        Dataset<Row> source = last.in(session).drop(Cleansing.RULE, Cleansing.SOURCE_ROW);
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(source.as("s"), keysMatch(spec))
                .whenMatched(guard.replaces("s", "t"))
                .updateAll()
                .whenNotMatched()
                .insertAll();
        if (truncate.isPresent()) {
            merge = merge.whenNotMatchedBySource(
                            Tombstone.isNoneOf("t") + " AND " + truncate.get().newerThanRow("t"))
                    .update(Tombstone.truncated(truncate.get()).columns(spec));
        }
        FencedWrite.run(session, log, appId, from, to, merge::execute);
    }

    /** What becomes of rows that neither a load nor the changes after it have. */
    private Tombstone tombstone(ChangeCounts counts, long load) {
        return counts.truncate()
                .map(Tombstone::truncated)
                .orElseGet(() -> Tombstone.deleted(new Position(epoch, load, 0)));
    }

    /** The rows in the order of the table's columns; refused if it has no columns for them, as after a change of the pipeline file or of the source's types. */
    private Dataset<Row> fitting(Dataset<Row> rows) {
        Set<String> there = columns(log.schema());
        Set<String> made = columns(rows.schema());
        if (!there.equals(made)) {
            Set<String> known = Set.copyOf(there);
            there.removeAll(made);
            made.removeAll(known);
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": it has the columns " + there
                            + " where the pipeline file now makes " + made + " of " + spec.source()
                            + ". Correct the pipeline file, with a CAST where the source's type was changed; or build the table anew: stop \"./headwater merge\", remove cleansed/"
                            + spec.name() + " and rejected/" + spec.name() + " from "
                            + layout.root() + ", and run \"./headwater backfill --table " + spec.name() + "\".");
        }
        // the pipeline file may name its columns in another order than when the table was made
        return rows.select(
                Stream.concat(Stream.of(log.schema().fieldNames()), Stream.of(Cleansing.RULE, Cleansing.SOURCE_ROW))
                        .map(name -> col(quoted(name)))
                        .toArray(Column[]::new));
    }

    /** The pipeline's columns with their types. */
    private static Set<String> columns(StructType schema) {
        List<String> added = List.of(
                CleansedColumns.EPOCH,
                CleansedColumns.COMMIT_LSN,
                CleansedColumns.ORDER,
                CleansedColumns.DELETED,
                CleansedColumns.REASON,
                Cleansing.RULE,
                Cleansing.SOURCE_ROW);
        return Arrays.stream(schema.fields())
                .filter(field -> !added.contains(field.name()))
                .map(field -> field.name() + " " + field.dataType().catalogString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Spark SQL: a row {@code s} has the key of a row {@code t}; keys are never null. */
    static String keysMatch(TableSpec spec) {
        return spec.key().stream()
                .map(name -> "s." + quoted(name) + " = t." + quoted(name))
                .collect(Collectors.joining(" AND "));
    }

    /** The Delta properties of a table that is merged into by its key; bounds of a key that Delta keeps none of are left out. */
    static Map<String, String> properties(TableSpec spec, StructType columns) {
        String bounded = spec.key().stream()
                .filter(name -> {
                    DataType type = columns.apply(name).dataType();
                    return !type.equals(DataTypes.BooleanType) && !type.equals(DataTypes.BinaryType);
                })
                .map(Cleansing::quoted)
                .collect(Collectors.joining(","));
        return Map.of(
                Fingerprint.PROPERTY,
                Fingerprint.of(spec),
                "delta.enableChangeDataFeed",
                "true",
                "delta.enableDeletionVectors",
                "true",
                bounded.isEmpty() ? "delta.dataSkippingNumIndexedCols" : "delta.dataSkippingStatsColumns",
                bounded.isEmpty() ? "0" : bounded,
                "delta.checkpointInterval",
                "50",
                "delta.logRetentionDuration",
                "interval 30 days",
                "delta.deletedFileRetentionDuration",
                "interval 7 days");
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
