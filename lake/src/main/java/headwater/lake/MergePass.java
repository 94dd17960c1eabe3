package headwater.lake;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.cleanse.Increment;
import headwater.lake.cleanse.RawChanges;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.curate.CuratedTable;
import headwater.lake.curate.UpstreamFeeds;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every cleansed table, and then every curated one, to the newest position of raw/changes. Each table commits its
 * rows and its position together, so a pass may end anywhere and the next one goes on from what is durable.
 */
final class MergePass implements AutoCloseable {
    /** What a pass found and did. */
    enum Outcome {
        /** Capture has not yet created raw/changes. */
        NO_RAW,
        /** Everything is as new as raw/changes. */
        IDLE,
        /** Tables were moved; there may be more by now. */
        MOVED
    }

    /** A table and the LSN that it reaches, -1 if it is not built. */
    private record At<T>(T table, long position) {}

    private static final Logger LOG = LoggerFactory.getLogger(MergePass.class);
    private static final Duration BETWEEN_EMPTY_COMMITS = Duration.ofMinutes(1);

    private final SparkSession spark;
    private final Pipeline pipeline;
    private final RawChanges raw;
    private final TableSessions sessions;
    private @Nullable LakeTables known;
    private long reached = -1;
    private long movedAt = System.nanoTime() - BETWEEN_EMPTY_COMMITS.toNanos();

    MergePass(SparkSession spark, Pipeline pipeline) {
        this.spark = spark;
        this.pipeline = pipeline;
        this.raw = new RawChanges(spark, pipeline.layout());
        this.sessions = new TableSessions(spark);
    }

    /** Runs one pass. */
    Outcome run() {
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
        List<At<CleansedTable>> cleansed =
                tables.cleansed().stream().map(table -> at(table, offset)).toList();
        List<At<CuratedTable>> curated = tables.curated().stream()
                .map(table -> new At<>(table, table.position().orElse(-1)))
                .toList();
        long oldest = cleansed.stream().mapToLong(At::position).min().orElseThrow();
        // a table that was loaded later than the rest waits for them: no curated table may mix two moments
        boolean together = cleansed.stream().allMatch(at -> at.position() <= offset.lsn());
        boolean unfinished = together && curated.stream().anyMatch(at -> at.position() < oldest);
        boolean behind = oldest < offset.lsn();
        if (!unfinished && !(behind && (raw.hasFilesAfter(oldest) || emptyCommitIsDue()))) {
            return Outcome.IDLE;
        }
        long rows = behind ? cleanse(cleansed, oldest, offset) : 0;
        if (together) {
            curate(curated, tables.cleansed(), offset);
            reached = offset.lsn();
        }
        movedAt = System.nanoTime();
        LOG.info(
                "Merged to={} rows={} tookMs={}",
                new Lsn(offset.lsn()),
                rows,
                (System.nanoTime() - startedAt) / 1_000_000);
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
        sessions.close();
    }

    private At<CleansedTable> at(CleansedTable table, CaptureOffset offset) {
        long position = table.position()
                .orElseThrow(() -> new Failure(
                        Remedy.OPERATOR,
                        "Cannot merge: cleansed/" + table.name() + " is not loaded in "
                                + pipeline.layout().root() + ". Run \"./headwater backfill\" first."));
        refuseGap(table.spec(), position, offset);
        return new At<>(table, position);
    }

    private static void refuseGap(TableSpec spec, long position, CaptureOffset offset) {
        if (offset.startLsn() > position) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge: raw/changes begins at " + new Lsn(offset.startLsn()) + " and cleansed/" + spec.name()
                            + " ends at " + new Lsn(position) + ", so the changes between are lost. Remove cleansed/"
                            + spec.name() + ", rejected/" + spec.name() + " and raw/snapshots/" + spec.source()
                            + " from the lake, then run \"./headwater backfill\".");
        }
    }

    private long cleanse(List<At<CleansedTable>> tables, long oldest, CaptureOffset offset) {
        List<At<CleansedTable>> behind = behind(tables, offset);
        if (!raw.hasFilesAfter(oldest)) {
            sessions.forEach(behind, at -> at.table().name(), at -> advance(at, offset));
            return 0;
        }
        try (Increment increment = Increment.read(spark, raw, oldest, offset.lsn(), offset.epoch())) {
            sessions.forEach(behind, at -> at.table().name(), at -> merge(at, increment, offset));
            return increment.size();
        }
    }

    private static void merge(At<CleansedTable> at, Increment increment, CaptureOffset offset) {
        if (increment.touches(at.table().spec())) {
            SparkFailure.explain(
                    "merge raw/changes into cleansed/" + at.table().name(),
                    () -> at.table().merge(increment, at.position(), offset.lsn()));
        } else {
            advance(at, offset);
        }
    }

    private static void advance(At<CleansedTable> at, CaptureOffset offset) {
        SparkFailure.explain(
                "advance cleansed/" + at.table().name(), () -> at.table().advance(at.position(), offset.lsn()));
    }

    private void curate(List<At<CuratedTable>> tables, List<CleansedTable> upstreams, CaptureOffset offset) {
        try (UpstreamFeeds feeds = new UpstreamFeeds(spark, upstreams, offset.epoch())) {
            sessions.forEach(
                    behind(tables, offset),
                    at -> at.table().name(),
                    at -> SparkFailure.explain(
                            "refresh curated/" + at.table().name(), () -> refresh(at, feeds, offset.lsn())));
        }
    }

    private static void refresh(At<CuratedTable> at, UpstreamFeeds feeds, long to) {
        CuratedTable table = at.table();
        if (at.position() < 0) {
            table.build(to);
        } else {
            table.refresh(feeds.since(at.position(), table.spec()), at.position(), to);
        }
    }

    private static <T> List<At<T>> behind(List<At<T>> tables, CaptureOffset offset) {
        return tables.stream().filter(at -> at.position() < offset.lsn()).toList();
    }
}
