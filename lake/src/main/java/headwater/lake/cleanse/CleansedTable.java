package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.MergeSettings;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.ChangeCounts;
import headwater.lake.raw.Increment;
import headwater.lake.raw.Position;
import headwater.lake.raw.SourceLoad;
import headwater.lake.raw.SourceSchemas;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.FencedWrite;
import headwater.lake.table.LastImages;
import headwater.lake.table.NetImages;
import headwater.lake.table.TableLog;
import headwater.lake.table.Upstream;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cleansed table: exactly the live source rows at its position that keep the rules, and tombstones of the others.
 * Rejected rows are committed before it, so that no row is ever in neither table.
 */
public final class CleansedTable implements Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(CleansedTable.class);

    private final SparkSession session;
    private final LakeLayout layout;
    private final MergeSettings settings;
    private final TableSpec spec;
    private final String path;
    private final int epoch;
    private final String appId;
    private final String loadId;
    private final TableLog log;
    private final RejectedTable rejected;
    private final CleansedSchema schema;
    private final MergeChecks checks;
    private final String definition;
    private final LastImages images;
    private volatile long loaded = -1;

    /** @param session of this table alone: the fence of a write is a setting of the session */
    public CleansedTable(SparkSession session, Pipeline pipeline, TableSpec spec, int epoch) {
        this.session = session;
        this.layout = pipeline.layout();
        this.settings = pipeline.merge();
        this.spec = spec;
        this.path = layout.cleansed(spec.name());
        this.epoch = epoch;
        this.appId = CommitId.cleanse(spec.name(), epoch);
        this.loadId = CommitId.load(spec.source(), epoch);
        this.log = TableLog.at(session, path);
        this.images = new LastImages(log, appId);
        this.rejected = new RejectedTable(session, layout, spec, epoch);
        this.schema = new CleansedSchema(spec, layout);
        this.checks = new MergeChecks(spec, new SourceSchemas(session, layout, spec));
        this.definition = Fingerprint.of(spec);
    }

    public TableSpec spec() {
        return spec;
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public String appId() {
        return appId;
    }

    /** Looks at the table as it is now and stays with that. */
    public void look() {
        log.look();
        rejected.look();
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

    /** The rows that are not tombstones, with the pipeline's columns. */
    @Override
    public Dataset<Row> live(SparkSession reader) {
        return log.files()
                .rows(reader)
                .where(isLive())
                .select(spec.columns().keySet().stream()
                        .map(name -> col(quoted(name)))
                        .toArray(Column[]::new));
    }

    @Override
    public Column isLive() {
        return col(CleansedColumns.DELETED).equalTo(false);
    }

    @Override
    public Optional<List<Row>> changedSince(long from) {
        return images.since(from);
    }

    @Override
    public StructType columns() {
        return CleansedSchema.live(spec, log.schema());
    }

    @Override
    public TableLog log() {
        return log;
    }

    /** Builds rejected and cleansed rows from a whole load, without a MERGE. */
    public void build(Dataset<Row> load, long lsn) {
        long startedAt = System.nanoTime();
        LOG.info("Building cleansed table={} at={}", spec.name(), new Lsn(lsn));
        Dataset<Row> rows = InitialRows.of(spec, load);
        checks.requireComparable(rows.schema());
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
        images.forget();
        long rows;
        try (CollectedRows last = lastChanges(since, counts, lsn, to)) {
            Dataset<Row> wanted =
                    counts.truncate().isPresent() ? last.in(session) : after(fit(InitialRows.of(spec, load)), last);
            rejected.become(wanted, to);
            try (CollectedRows difference = CollectedRows.of(
                    CleansedDifference.of(spec, wanted, log.files().rows(session), tombstone(counts, lsn)))) {
                rows = difference.size();
                if (settings.editsFew() && difference.rows().isPresent()) {
                    images.remember(edits().replace(difference.rows().get(), from, to));
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
        checks.requireSameDefinition(log);
        warnOfOtherWriters(from);
        ChangeCounts counts = increment.of(spec);
        checks.requireRoom(counts);
        images.forget();
        boolean edited;
        try (CollectedRows last = lastChanges(increment, counts, from, to)) {
            edited = settings.editsFew()
                    && last.rows().isPresent()
                    && counts.truncate().isEmpty();
            if (edited) {
                images.remember(edits().merge(last.rows().get(), from, to));
            } else {
                rejected.merge(last, Guard.NEWER, counts.truncate(), to);
                merge(last, Guard.NEWER, counts.truncate(), from, to);
            }
        }
        LOG.info(
                "Merged cleansed table={} rows={} form={} to={} version={} tookMs={}",
                spec.name(),
                counts.rows(),
                edited ? "edits" : "merge",
                new Lsn(to),
                log.version(),
                millisSince(startedAt));
    }

    /** Moves the table to a position up to which it has no change. */
    public void advance(long from, long to) {
        checks.requireSameDefinition(log);
        warnOfOtherWriters(from);
        long version = log.commits().advance(appId, from, to);
        images.remember(new NetImages(from, List.of()));
        LOG.debug("Advanced cleansed table={} to={} version={}", spec.name(), new Lsn(to), version);
    }

    /** What they did stays: nobody but the source could say what the rows were. */
    private void warnOfOtherWriters(long from) {
        if (log.isChangedByHand(appId, from)) {
            LOG.warn(
                    "Another writer changed rows of {} since {}: they stay as they are now, and curated tables follow. To have"
                            + " those of the source again, run \"./headwater backfill --table {}\".",
                    path,
                    new Lsn(from),
                    spec.name());
        }
    }

    private CollectedRows lastChanges(Increment increment, ChangeCounts counts, long from, long to) {
        StructType source = CleansedSchema.sourceColumns(
                TableLog.at(session, layout.rawSnapshots(spec.source())).schema());
        LastChanges reduction = new LastChanges(spec, source);
        Optional<List<Row>> held = increment.held(from, spec);
        if (held.isPresent() && counts.unchanged() == 0 && counts.images() == 0) {
            checks.requireColumns(held.get(), source);
            CollectedRows last = CollectedRows.of(fit(reduction.of(held.get(), counts, session, increment.shape())));
            return last.rows()
                    .map(rows -> CollectedRows.of(reduction.newestOfEachKey(rows), last.schema()))
                    .orElse(last);
        }
        Dataset<Row> changes = increment.after(from, spec, session);
        checks.requireColumns(changes, source);
        if (counts.unchanged() > 0) {
            SourceLoad loads = new SourceLoad(session, layout, spec, epoch);
            changes = new UnchangedValues(loads, spec, reduction, source).fill(changes, increment.raw(), from, to);
        }
        return CollectedRows.of(fit(reduction.of(changes, counts)));
    }

    /** The rows of a load, those aside that have changed since. */
    private Dataset<Row> after(Dataset<Row> load, CollectedRows last) {
        Dataset<Row> changed = last.in(session);
        Dataset<Row> keys = changed.select(
                spec.key().stream().map(name -> col(quoted(name))).toArray(Column[]::new));
        return load.as("t")
                .join(
                        (last.rows().isPresent() ? broadcast(keys) : keys).as("s"),
                        expr(CleansedSchema.keysMatch(spec)),
                        "left_anti")
                .unionByName(changed);
    }

    /** Records that the table holds a load; until then the load is applied once more, which then finds no difference. */
    private void hold(long lsn) {
        log.commits().advance(loadId, lsn, Fingerprint.PROPERTY, definition);
        loaded = lsn;
    }

    private Dataset<Row> fit(Dataset<Row> rows) {
        return schema.fitting(rows, log.schema());
    }

    private CleansedEdits edits() {
        return new CleansedEdits(session, spec, log, appId, rejected);
    }

    private void merge(CollectedRows last, Guard guard, Optional<Position> truncate, long from, long to) {
        Dataset<Row> source = last.in(session).drop(Cleansing.RULE, Cleansing.SOURCE_ROW);
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(source.as("s"), CleansedSchema.keysMatch(spec))
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

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
