package headwater.lake.curate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.MergeSettings;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.FencedWrite;
import headwater.lake.table.LastImages;
import headwater.lake.table.LocatedRow;
import headwater.lake.table.NetImages;
import headwater.lake.table.RowEdit;
import headwater.lake.table.RowEdits;
import headwater.lake.table.RowShape;
import headwater.lake.table.TableLog;
import headwater.lake.table.Upstream;
import io.delta.tables.DeltaMergeBuilder;
import io.delta.tables.DeltaTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One curated table: at its position it holds exactly what its SQL gives over its upstreams at that position. A refresh
 * recomputes the keys that changes touch and merges only rows that differ. The caller has brought every upstream to the
 * position before.
 */
public final class CuratedTable implements Upstream {
    private static final Logger LOG = LoggerFactory.getLogger(CuratedTable.class);
    private static final String VECTORS = "delta.enableDeletionVectors";

    private final SparkSession session;
    private final CuratedSpec spec;
    private final MergeSettings settings;
    private final String path;
    private final String appId;
    private final TableLog log;
    private final PartitionPlaces places;
    private final String definition;
    private final CuratedQuery query;
    private final LastImages images;

    /**
     * @param session of this table alone: its views and the fence of a write belong to the session
     * @param upstreams all cleansed tables of the pipeline, and the curated ones that this one is computed from
     */
    public CuratedTable(
            SparkSession session,
            Pipeline pipeline,
            Collection<? extends Upstream> upstreams,
            CuratedSpec spec,
            int epoch) {
        this.session = session;
        this.spec = spec;
        this.settings = pipeline.merge();
        this.path = pipeline.layout().curated(spec.name());
        this.appId = CommitId.curate(spec.name(), epoch);
        this.log = TableLog.at(session, path);
        this.places = new PartitionPlaces(spec);
        this.definition = Fingerprint.of(spec, pipeline.constants());
        this.query = new CuratedQuery(session, upstreams, pipeline.constants(), spec);
        this.images = new LastImages(log, appId);
    }

    public CuratedSpec spec() {
        return spec;
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public TableLog log() {
        return log;
    }

    @Override
    public String appId() {
        return appId;
    }

    @Override
    public Dataset<Row> live(SparkSession reader) {
        return log.files().rows(reader).select(TableDifference.columns(spec));
    }

    @Override
    public Column isLive() {
        return lit(true);
    }

    @Override
    public StructType columns() {
        StructType all = log.schema();
        return new StructType(spec.columns().keySet().stream().map(all::apply).toArray(StructField[]::new));
    }

    @Override
    public Optional<List<Row>> changedSince(long from) {
        return images.since(from);
    }

    /** The LSN that the table reaches, empty if it is not built. */
    public OptionalLong position() {
        return log.position(appId);
    }

    /** Builds the table from nothing, without a MERGE; one that exists is of an epoch before, and is compared. */
    public void build(long to) {
        if (log.version() >= 0 && position().isEmpty()) {
            remake(-1, to);
            return;
        }
        long startedAt = System.nanoTime();
        LOG.info("Building curated table={} at={}", spec.name(), new Lsn(to));
        Dataset<Row> rows = places.placed(query.rows());
        Column[] partitions =
                spec.partitionBy().stream().map(TableDifference::column).toArray(Column[]::new);
        if (partitions.length > 0) {
            // one file for each partition
            rows = rows.repartition(partitions);
        }
        // over what another merge has built meanwhile, not beside it
        log.commits().write(rows, SaveMode.Overwrite, spec.partitionBy(), properties(), appId, to);
        log.commits().describe(Fingerprint.PROPERTY, definition);
        LOG.info(
                "Built curated table={} to={} version={} tookMs={}",
                spec.name(),
                new Lsn(to),
                log.version(),
                millisSince(startedAt));
    }

    /**
     * Brings the table to a position.
     *
     * @param changes per upstream, what changed since {@link #position()}; an absent one means that its change feed does not
     *     reach back, and the whole table is compared
     */
    public void refresh(Map<String, CollectedRows> changes, long from, long to) {
        Optional<String> madeBy = log.property(Fingerprint.PROPERTY);
        if (madeBy.isPresent() && !madeBy.get().equals(definition)) {
            remake(from, to);
            return;
        }
        if (madeBy.isEmpty()) {
            // made by a version that did not say it
            log.commits().describe(Fingerprint.PROPERTY, definition);
        }
        if (!log.property(VECTORS).equals(Optional.of("true"))) {
            // made by a version that wrote files anew
            log.commits().describe(VECTORS, "true");
        }
        if (log.isChangedByHand(appId, from)) {
            LOG.warn(
                    "Another writer changed rows of {} since {}: comparing all of curated table={} to={}",
                    path,
                    new Lsn(from),
                    spec.name(),
                    new Lsn(to));
            compareAll(from, to);
            return;
        }
        boolean complete = changes.keySet().containsAll(spec.affectedBy().keySet());
        if (complete && changes.values().stream().allMatch(CollectedRows::isEmpty)) {
            advance(from, to);
            return;
        }
        long startedAt = System.nanoTime();
        LOG.info("Merging curated table={} from={} to={}", spec.name(), new Lsn(from), new Lsn(to));
        images.forget();
        Dataset<Row> computed = fitting(query.rows());
        Optional<Scope> scope = query.affected(changes, live(session));
        if (scope.isPresent() && scope.get().isEmpty()) {
            log.commits().advance(appId, from, to);
            remember(List.of(), from, to, startedAt);
            return;
        }
        if (!settings.editsFew() || scope.isEmpty() || !edit(scope.get(), computed, from, to, startedAt)) {
            compare(scope, computed, from, to, startedAt);
        }
    }

    /** The pipeline file defines the table otherwise now, or its epoch is a new one: all rows become what it says. */
    private void remake(long from, long to) {
        LOG.info(
                "Comparing all of curated table={} to={}: {}",
                spec.name(),
                new Lsn(to),
                from < 0 ? "a new epoch begins" : "its definition in the pipeline file has changed");
        compareAll(from, to);
        log.commits().describe(Fingerprint.PROPERTY, definition);
    }

    private void compareAll(long from, long to) {
        images.forget();
        compare(Optional.empty(), fitting(query.rows()), from, to, System.nanoTime());
    }

    /** Compares and changes the part that is touched in the driver; false if it is too much for it. */
    private boolean edit(Scope scope, Dataset<Row> computed, long from, long to, long startedAt) {
        Optional<RowEdits> present = RowEdits.within(session, log, spec.key(), scope);
        if (present.isEmpty()) {
            return false;
        }
        try (CollectedRows wanted = CollectedRows.of(scope.of(computed))) {
            if (wanted.rows().isEmpty()) {
                return false;
            }
            places.require(wanted.rows().get());
            List<RowEdit> edits = edits(present.get(), wanted.rows().get());
            if (edits.isEmpty()) {
                log.commits().advance(appId, from, to);
            } else {
                log.requireAt(appId, from);
                present.get().commit(edits, appId, to);
            }
            remember(edits, from, to, startedAt);
            return true;
        }
    }

    private List<RowEdit> edits(RowEdits part, List<Row> wanted) {
        Map<Row, Row> missing = new HashMap<>();
        for (Row row : wanted) {
            if (missing.put(part.keyOf(row), row) != null) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot refresh curated/" + spec.name() + ": " + TableDifference.ambiguous(spec));
            }
        }
        List<RowEdit> edits = new ArrayList<>();
        for (LocatedRow old : part.rows()) {
            Row row = missing.remove(part.keyOf(old.row()));
            if (row == null) {
                edits.add(RowEdit.delete(old));
            } else if (!row.equals(old.row())) {
                edits.add(RowEdit.update(old, row));
            }
        }
        missing.values().forEach(row -> edits.add(RowEdit.insert(row)));
        return edits;
    }

    /** Compares with Spark, the touched part or the whole table, and merges what differs. */
    private void compare(Optional<Scope> scope, Dataset<Row> computed, long from, long to, long startedAt) {
        Dataset<Row> present = log.files().rows(session).select(TableDifference.columns(spec));
        try (CollectedRows difference = CollectedRows.of(TableDifference.of(
                spec,
                scope.map(part -> part.of(computed)).orElse(computed),
                scope.map(part -> part.of(present)).orElse(present)))) {
            merge(difference, from, to);
            log(difference, to, startedAt);
        }
    }

    private void merge(CollectedRows difference, long from, long to) {
        if (difference.isEmpty()) {
            log.commits().advance(appId, from, to);
            return;
        }
        Column match = col("s." + TableDifference.ACTION).notEqual("i");
        for (String key : spec.key()) {
            match = match.and(col("s." + key).eqNullSafe(col("t." + key)));
        }
        Optional<Column> partitions = changedPartitions(difference);
        DeltaMergeBuilder merge = DeltaTable.forPath(session, path)
                .as("t")
                .merge(
                        places.placed(difference.in(session)).as("s"),
                        partitions.map(match::and).orElse(match))
                .whenMatched("s." + TableDifference.ACTION + " = 'd'")
                .delete()
                .whenMatched()
                .updateAll()
                .whenNotMatched("s." + TableDifference.ACTION + " <> 'd'")
                .insertAll();
        FencedWrite.run(session, log, appId, from, to, merge::execute);
    }

    private Optional<Column> changedPartitions(CollectedRows difference) {
        if (difference.rows().isEmpty() || spec.partitionBy().isEmpty()) {
            return Optional.empty();
        }
        Scope partitions = new Scope(spec, difference.schema());
        partitions.add(
                spec.partitionBy(),
                difference.rows().get().stream()
                        .map(row ->
                                Scope.projected(row, List.of(difference.schema().fieldNames()), spec.partitionBy()))
                        .toList());
        return partitions.partitions("t.");
    }

    /** Refuses rows of other columns, as after a change of the pipeline file: rows are told apart by the places of values. */
    private Dataset<Row> fitting(Dataset<Row> rows) {
        List<String> there = columns(log.schema());
        List<String> made = columns(rows.schema());
        if (!there.equals(made)) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot refresh curated/" + spec.name() + ": it has the columns " + there
                            + " where the pipeline file now makes " + made
                            + ". Correct the pipeline file; or build the table anew: stop \"./headwater merge\", remove curated/"
                            + spec.name() + " from the lake, and start it again.");
        }
        return rows;
    }

    private static List<String> columns(StructType schema) {
        return Arrays.stream(schema.fields())
                .map(field -> field.name() + " " + field.dataType().catalogString())
                .toList();
    }

    private void advance(long from, long to) {
        long version = log.commits().advance(appId, from, to);
        images.remember(new NetImages(from, List.of()));
        LOG.debug("Advanced curated table={} to={} version={}", spec.name(), new Lsn(to), version);
    }

    private void remember(List<RowEdit> edits, long from, long to, long startedAt) {
        images.remember(NetImages.of(from, edits, new RowShape(log.schema()), new RowShape(columns()), any -> true));

        long inserted = edits.stream().filter(edit -> edit.before().isEmpty()).count();
        long deleted = edits.stream().filter(edit -> edit.after().isEmpty()).count();
        log("edits", inserted, edits.size() - inserted - deleted, deleted, to, startedAt);
    }

    private void log(CollectedRows difference, long to, long startedAt) {
        log(
                "merge",
                TableDifference.count(difference, "i", session),
                TableDifference.count(difference, "u", session),
                TableDifference.count(difference, "d", session),
                to,
                startedAt);
    }

    private void log(String form, long inserted, long updated, long deleted, long to, long startedAt) {
        LOG.info(
                "Merged curated table={} form={} inserted={} updated={} deleted={} to={} version={} tookMs={}",
                spec.name(),
                form,
                inserted,
                updated,
                deleted,
                new Lsn(to),
                log.version(),
                millisSince(startedAt));
    }

    /** A change costs what it changes: rows that go are hidden, not taken out of their files. The change feed is on for publish. */
    private static Map<String, String> properties() {
        return Map.of(
                "delta.enableChangeDataFeed",
                "true",
                VECTORS,
                "true",
                "delta.checkpointInterval",
                "50",
                "delta.logRetentionDuration",
                "interval 30 days",
                "delta.deletedFileRetentionDuration",
                "interval 7 days");
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
