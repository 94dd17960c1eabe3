package headwater.lake.pass;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.curate.UpstreamFeeds;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.Increment;
import headwater.lake.raw.RawChanges;
import headwater.lake.raw.SourceLoad;
import headwater.lake.table.SparkFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
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

    /** A curated table and the LSN that it reaches, -1 if it is not built. */
    private record Curated(CuratedTable table, long position) {
        boolean isBehind(CaptureOffset offset) {
            return position < offset.lsn();
        }
    }

    /**
     * A cleansed table and the LSN that it reaches.
     *
     * @param load the LSN of a load that it does not hold yet, and that the pass can apply
     */
    private record Cleansed(CleansedTable table, SourceLoad loads, long position, OptionalLong load) {
        boolean isBehind(CaptureOffset offset) {
            return position < offset.lsn();
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(MergePass.class);
    private static final Duration BETWEEN_EMPTY_COMMITS = Duration.ofMinutes(1);

    private final SparkSession spark;
    private final Pipeline pipeline;
    private final RawChanges raw;
    private final TableSessions sessions;
    private final ParkedTables parked = new ParkedTables();
    private @Nullable LakeTables known;
    private long reached = -1;
    private long movedAt = System.nanoTime() - BETWEEN_EMPTY_COMMITS.toNanos();

    public MergePass(SparkSession spark, Pipeline pipeline) {
        this.spark = spark;
        this.pipeline = pipeline;
        this.raw = new RawChanges(spark, pipeline.layout());
        this.sessions = new TableSessions(spark);
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
        LakeTables tables = tables(offset.epoch());
        List<Cleansed> cleansed = tables.cleansed().stream()
                .map(table -> look(table, tables.load(table.name()), offset))
                .filter(at -> at.load().isPresent() || !parked.waits(at.table().name()))
                .toList();
        List<Curated> curated = tables.curated().stream()
                .filter(table -> !parked.waits(table.name()))
                .map(table -> new Curated(table, table.position().orElse(-1)))
                .toList();
        if (cleansed.isEmpty()) {
            return Outcome.IDLE;
        }
        long oldest = cleansed.stream().mapToLong(Cleansed::position).min().orElseThrow();
        // a table that was loaded later than the rest waits for them: no curated table may mix two moments
        boolean together = cleansed.stream().allMatch(at -> at.position() <= offset.lsn());
        boolean unfinished = together && curated.stream().anyMatch(at -> at.position() < oldest && isFree(at));
        boolean behind = oldest < offset.lsn();
        boolean loaded = cleansed.stream().anyMatch(at -> at.load().isPresent());
        if (!unfinished && !(behind && (loaded || raw.hasFilesAfter(oldest) || emptyCommitIsDue()))) {
            return Outcome.IDLE;
        }
        long rows = behind ? cleanse(cleansed, oldest, offset) : 0;
        forgetLoads(cleansed);
        if (together) {
            curate(curated.stream().filter(this::isFree).toList(), tables.cleansed(), offset);
            reached = parked.isEmpty() ? offset.lsn() : -1;
        }
        movedAt = System.nanoTime();
        LOG.info(
                "Merged to={} rows={} tookMs={}",
                new Lsn(offset.lsn()),
                rows,
                (System.nanoTime() - startedAt) / 1_000_000);
        return Outcome.MOVED;
    }

    /** Whether all that a curated table reads has come along. */
    private boolean isFree(Curated at) {
        return !parked.containsAny(at.table().spec().affectedBy().keySet());
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
        sessions.close();
    }

    private Cleansed look(CleansedTable table, SourceLoad loads, CaptureOffset offset) {
        long position = table.position()
                .orElseThrow(() -> new Failure(
                        Remedy.OPERATOR,
                        "Cannot merge: cleansed/" + table.name() + " is not loaded in "
                                + pipeline.layout().root() + ". Run \"./headwater backfill\" first."));
        OptionalLong load = position < offset.lsn() ? pending(table, loads, offset) : OptionalLong.empty();
        refuseGap(table.spec(), load.orElse(position), offset);
        return new Cleansed(table, loads, position, load);
    }

    /**
     * The newest load, if the table does not hold it and raw/changes has all changes from there to the pass's end. The
     * table may be beyond it already: reading a load takes longer than a pass.
     */
    private static OptionalLong pending(CleansedTable table, SourceLoad loads, CaptureOffset offset) {
        OptionalLong newest = loads.newest();
        boolean applicable = newest.isPresent()
                && newest.getAsLong() > table.loaded()
                && newest.getAsLong() >= offset.startLsn()
                && newest.getAsLong() <= offset.lsn()
                && table.takesLoadsUpTo(offset.lsn());
        return applicable ? newest : OptionalLong.empty();
    }

    private static void refuseGap(TableSpec spec, long position, CaptureOffset offset) {
        if (offset.startLsn() > position) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge: raw/changes begins at " + new Lsn(offset.startLsn()) + " and cleansed/" + spec.name()
                            + " ends at " + new Lsn(position)
                            + ", so the changes between are lost. Run \"./headwater backfill --table " + spec.name()
                            + "\", then merge as soon as raw/changes has passed the load.");
        }
    }

    private long cleanse(List<Cleansed> tables, long oldest, CaptureOffset offset) {
        List<Cleansed> behind =
                tables.stream().filter(at -> at.isBehind(offset)).toList();
        if (!raw.hasFilesAfter(oldest)) {
            forEach(behind, at -> reloadOr(at, offset, () -> advance(at, offset)));
            return 0;
        }
        try (Increment increment = Increment.read(spark, raw, oldest, offset.lsn(), offset.epoch())) {
            forEach(behind, at -> reloadOr(at, offset, () -> merge(at, increment, offset)));
            return increment.size();
        }
    }

    private void forEach(List<Cleansed> tables, Consumer<Cleansed> work) {
        parked.tried(
                tables.stream().map(at -> at.table().name()).toList(),
                sessions.attempt(tables, at -> at.table().name(), work));
    }

    private void reloadOr(Cleansed at, CaptureOffset offset, Runnable otherwise) {
        at.load().ifPresentOrElse(load -> reload(at, load, offset), otherwise);
    }

    /** Takes loads out of raw/snapshots that no cleansed table of their source needs any more. */
    private static void forgetLoads(List<Cleansed> tables) {
        for (Cleansed at : tables) {
            if (at.load().isPresent() && at.table().loaded() >= at.load().getAsLong()) {
                SourceTable source = at.table().spec().source();
                long held = tables.stream()
                        .filter(other -> other.table().spec().source().equals(source))
                        .mapToLong(other -> other.table().loaded())
                        .min()
                        .orElseThrow();
                SparkFailure.explain(
                        "remove older loads of " + source, () -> at.loads().forgetBefore(held));
            }
        }
    }

    private void reload(Cleansed at, long load, CaptureOffset offset) {
        try (Increment since = Increment.read(spark, raw, load, offset.lsn(), offset.epoch())) {
            SparkFailure.explain(
                    "apply the load of " + at.table().spec().source() + " to cleansed/"
                            + at.table().name(),
                    () -> at.table().reload(at.loads().at(load), load, since, at.position(), offset.lsn()));
        }
    }

    private static void merge(Cleansed at, Increment increment, CaptureOffset offset) {
        if (increment.touches(at.table().spec())) {
            SparkFailure.explain(
                    "merge raw/changes into cleansed/" + at.table().name(),
                    () -> at.table().merge(increment, at.position(), offset.lsn()));
        } else {
            advance(at, offset);
        }
    }

    private static void advance(Cleansed at, CaptureOffset offset) {
        SparkFailure.explain(
                "advance cleansed/" + at.table().name(), () -> at.table().advance(at.position(), offset.lsn()));
    }

    private void curate(List<Curated> tables, List<CleansedTable> upstreams, CaptureOffset offset) {
        try (UpstreamFeeds feeds = new UpstreamFeeds(spark, upstreams, offset.epoch())) {
            List<Curated> behind =
                    tables.stream().filter(at -> at.isBehind(offset)).toList();
            parked.tried(
                    behind.stream().map(at -> at.table().name()).toList(),
                    sessions.attempt(
                            behind,
                            at -> at.table().name(),
                            at -> SparkFailure.explain(
                                    "refresh curated/" + at.table().name(), () -> refresh(at, feeds, offset.lsn()))));
        }
    }

    private static void refresh(Curated at, UpstreamFeeds feeds, long to) {
        CuratedTable table = at.table();
        if (at.position() < 0) {
            table.build(to);
        } else {
            table.refresh(feeds.since(at.position(), table.spec()), at.position(), to);
        }
    }
}
