package headwater.lake.pass;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.curate.UpstreamFeeds;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.Increment;
import headwater.lake.raw.RawChanges;
import headwater.lake.raw.SourceLoad;
import headwater.lake.table.SparkFailure;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every cleansed table, and then every curated one, to the newest position of raw/changes. Each table commits its
 * rows and its position together, so a pass may end anywhere and the next one goes on from what is durable.
 */
public final class MergePass implements AutoCloseable {
    /** What a pass found and did. */
    public enum Outcome {
        /** Capture has not yet created raw/changes. */
        NO_RAW,
        /** Everything is as new as raw/changes. */
        IDLE,
        /** Tables were moved; there may be more by now. */
        MOVED
    }

    private static final Logger LOG = LoggerFactory.getLogger(MergePass.class);
    private static final Duration BETWEEN_EMPTY_COMMITS = Duration.ofMinutes(1);

    private final SparkSession spark;
    private final Pipeline pipeline;
    private final RawChanges raw;
    private final TableSessions sessions;
    private final SparkQueries queries;
    private final ParkedTables parked = new ParkedTables();
    private @Nullable LakeTables known;
    private long reached = -1;
    private long movedAt = System.nanoTime() - BETWEEN_EMPTY_COMMITS.toNanos();

    public MergePass(SparkSession spark, Pipeline pipeline) {
        this.spark = spark;
        this.pipeline = pipeline;
        this.raw = new RawChanges(spark, pipeline.layout());
        this.sessions = new TableSessions(spark);
        this.queries = SparkQueries.of(spark);
    }

    /** Why a table stands still that only a person can help, if there is one. */
    public Optional<Failure> parked() {
        return parked.first();
    }

    /** Runs one pass. */
    public Outcome run() {
        Optional<CaptureOffset> newest = raw.newest();
        if (newest.isEmpty()) {
            return Outcome.NO_RAW;
        }
        CaptureOffset offset = newest.get();
        if (offset.lsn() == reached) {
            return Outcome.IDLE;
        }
        long startedAt = System.nanoTime();
        long queriesBefore = queries.count();
        LakeTables tables = tables(offset.epoch());
        tables.look();
        PassPlan.Reach reach = new PassPlan.Reach(offset.startLsn(), offset.lsn());
        Map<String, PassPlan.Cleansed> cleansed = new LinkedHashMap<>();
        tables.cleansed().forEach(table -> cleansed.put(table.name(), look(table, tables.load(table.name()), reach)));
        Map<String, PassPlan.Curated> curated = new LinkedHashMap<>();
        tables.curated().forEach(table -> curated.put(table.name(), look(table, tables)));
        Optional<PassPlan> planned = PassPlan.of(
                reach,
                List.copyOf(cleansed.values()),
                List.copyOf(curated.values()),
                raw::hasFilesAfter,
                emptyCommitIsDue());
        if (planned.isEmpty()) {
            return Outcome.IDLE;
        }
        PassPlan plan = planned.get();
        long plannedAt = System.nanoTime();
        long rows = cleanse(plan, tables, cleansed);
        long cleansedAt = System.nanoTime();
        if (plan.curates()) {
            curate(tables, curated, plan.to());
            reached = parked.isEmpty() ? plan.to() : -1;
        }
        movedAt = System.nanoTime();
        PassFigures figures = new PassFigures(
                new Lsn(plan.to()),
                rows,
                Duration.ofNanos(movedAt - startedAt),
                Duration.ofNanos(plannedAt - startedAt),
                Duration.ofNanos(cleansedAt - plannedAt),
                Duration.ofNanos(movedAt - cleansedAt),
                queries.count() - queriesBefore);
        LOG.info("Merged {}", figures);
        return Outcome.MOVED;
    }

    private LakeTables tables(int epoch) {
        LakeTables tables = known;
        if (tables == null || tables.epoch() != epoch) {
            tables = LakeTables.of(pipeline, sessions, epoch);
            known = tables;
        }
        return tables;
    }

    private boolean emptyCommitIsDue() {
        return System.nanoTime() - movedAt >= BETWEEN_EMPTY_COMMITS.toNanos();
    }

    @Override
    public void close() {
        queries.close();
        sessions.close();
    }

    private PassPlan.Cleansed look(CleansedTable table, SourceLoad loads, PassPlan.Reach reach) {
        long position = table.position()
                .orElseThrow(() -> new Failure(
                        Remedy.OPERATOR,
                        "Cannot merge: cleansed/" + table.name() + " is not loaded in "
                                + pipeline.layout().root() + ". Run \"./headwater backfill\" first."));
        OptionalLong load = OptionalLong.empty();
        if (position < reach.ends()) {
            load = PassPlan.load(position, loads.newest(), table.loaded(), reach);
            if (load.isPresent() && !table.takesLoadsUpTo(reach.ends())) {
                load = OptionalLong.empty();
            }
        }
        return new PassPlan.Cleansed(table.name(), position, load, parked.waits(table.name()));
    }

    private PassPlan.Curated look(CuratedTable table, LakeTables tables) {
        boolean waits = parked.waits(table.name()) || !isFree(table, tables);
        return new PassPlan.Curated(table.name(), table.position().orElse(-1), waits);
    }

    /** Whether all that a curated table reads has come along. */
    private boolean isFree(CuratedTable table, LakeTables tables) {
        Set<String> upstreams = table.spec().affectedBy().keySet();
        return !parked.containsAny(upstreams)
                && tables.curated().stream()
                        .filter(other -> upstreams.contains(other.name()))
                        .allMatch(other -> isFree(other, tables));
    }

    /** Brings cleansed tables to the end of the pass; returns how many changes of raw it read. */
    private long cleanse(PassPlan plan, LakeTables tables, Map<String, PassPlan.Cleansed> at) {
        if (!plan.readsChanges()) {
            cleanse(plan, tables, at, CleansedTable::advance);
            return 0;
        }
        try (Increment increment = Increment.read(spark, raw, plan.from(), plan.to(), tables.epoch())) {
            cleanse(plan, tables, at, (table, from, to) -> {
                if (increment.touches(table.spec())) {
                    table.merge(increment, from, to);
                } else {
                    table.advance(from, to);
                }
            });
            return increment.size();
        }
    }

    /** What brings a table from one position to another where it has no load to apply. */
    private interface Move {
        void run(CleansedTable table, long from, long to);
    }

    private void cleanse(PassPlan plan, LakeTables tables, Map<String, PassPlan.Cleansed> at, Move move) {
        parked.tried(
                plan.cleanse().stream().map(PassPlan.Cleanse::table).toList(),
                sessions.attempt(plan.cleanse(), PassPlan.Cleanse::table, step -> {
                    CleansedTable table = tables.cleansed(step.table());
                    long from = Objects.requireNonNull(at.get(step.table())).position();
                    step.load()
                            .ifPresentOrElse(
                                    load -> reload(table, tables.load(table.name()), load, from, plan.to()),
                                    () -> SparkFailure.explain(
                                            "merge raw/changes into cleansed/" + table.name(),
                                            () -> move.run(table, from, plan.to())));
                }));
        plan.cleanse().stream().filter(step -> step.load().isPresent()).forEach(step -> forgetLoads(tables, step));
    }

    private void reload(CleansedTable table, SourceLoad loads, long load, long from, long to) {
        try (Increment since = Increment.read(spark, raw, load, to, loads.epoch())) {
            SparkFailure.explain(
                    "apply the load of " + table.spec().source() + " to cleansed/" + table.name(),
                    () -> table.reload(loads.at(load), load, since, from, to));
        }
    }

    /** Takes loads out of raw/snapshots that no cleansed table of their source needs any more. */
    private static void forgetLoads(LakeTables tables, PassPlan.Cleanse applied) {
        CleansedTable table = tables.cleansed(applied.table());
        if (table.loaded() >= applied.load().orElseThrow()) {
            SourceTable source = table.spec().source();
            long held = tables.cleansed().stream()
                    .filter(other -> other.spec().source().equals(source))
                    .mapToLong(CleansedTable::loaded)
                    .min()
                    .orElseThrow();
            SparkFailure.explain(
                    "remove older loads of " + source,
                    () -> tables.load(table.name()).forgetBefore(held));
        }
    }

    private void curate(LakeTables tables, Map<String, PassPlan.Curated> at, long to) {
        Map<String, Long> positions = new HashMap<>();
        at.values().forEach(table -> positions.put(table.name(), table.position()));
        try (UpstreamFeeds feeds = new UpstreamFeeds(spark, tables.upstreams())) {
            for (List<CuratedTable> layer : tables.layers()) {
                List<CuratedTable> behind = layer.stream()
                        .filter(table -> !parked.waits(table.name())
                                && isFree(table, tables)
                                && positions.getOrDefault(table.name(), to) < to)
                        .toList();
                parked.tried(
                        behind.stream().map(CuratedTable::name).toList(),
                        sessions.attempt(
                                behind,
                                CuratedTable::name,
                                table -> SparkFailure.explain(
                                        "refresh curated/" + table.name(),
                                        () -> refresh(table, feeds, positions.getOrDefault(table.name(), to), to))));
            }
        }
    }

    private static void refresh(CuratedTable table, UpstreamFeeds feeds, long from, long to) {
        if (from < 0) {
            table.build(to);
        } else {
            table.refresh(feeds.since(from, table.spec()), from, to);
        }
    }
}
