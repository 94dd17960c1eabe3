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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.SparkSession;
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

    private static final Logger LOG = LoggerFactory.getLogger(MergePass.class);
    private static final Duration BETWEEN_EMPTY_COMMITS = Duration.ofMinutes(1);

    private final SparkSession spark;
    private final Pipeline pipeline;
    private final RawChanges raw;
    private final TableSessions sessions;
    private LakeTables tables;
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
        if (tables == null || tables.epoch() != offset.epoch()) {
            tables = LakeTables.of(pipeline, sessions, offset.epoch());
        }
        Map<CleansedTable, Long> cleansed = positions(offset);
        Map<CuratedTable, Long> curated = curated();
        long oldest = cleansed.values().stream().min(Long::compare).orElseThrow();
        // a table that was loaded later than the rest waits for them: no curated table may mix two moments
        boolean together = cleansed.values().stream().allMatch(position -> position <= offset.lsn());
        boolean unfinished = together && curated.values().stream().anyMatch(position -> position < oldest);
        boolean behind = oldest < offset.lsn();
        if (!unfinished && !(behind && (raw.hasFilesAfter(oldest) || emptyCommitIsDue()))) {
            return Outcome.IDLE;
        }
        long rows = behind ? cleanse(cleansed, oldest, offset) : 0;
        if (together) {
            curate(curated, offset);
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

    private boolean emptyCommitIsDue() {
        return System.nanoTime() - movedAt >= BETWEEN_EMPTY_COMMITS.toNanos();
    }

    @Override
    public void close() {
        sessions.close();
    }

    private Map<CleansedTable, Long> positions(CaptureOffset offset) {
        Map<CleansedTable, Long> positions = new LinkedHashMap<>();
        for (CleansedTable table : tables.cleansed()) {
            OptionalLong position = table.position();
            if (position.isEmpty()) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot merge: cleansed/" + table.name() + " is not loaded in "
                                + pipeline.layout().root() + ". Run \"./headwater backfill\" first.");
            }
            refuseGap(table.spec(), position.getAsLong(), offset);
            positions.put(table, position.getAsLong());
        }
        return positions;
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

    private long cleanse(Map<CleansedTable, Long> positions, long oldest, CaptureOffset offset) {
        List<CleansedTable> behind = new ArrayList<>();
        positions.forEach((table, position) -> {
            if (position < offset.lsn()) {
                behind.add(table);
            }
        });
        if (!raw.hasFilesAfter(oldest)) {
            sessions.forEach(behind, CleansedTable::name, table -> advance(table, positions.get(table), offset));
            return 0;
        }
        try (Increment increment = Increment.read(spark, raw, oldest, offset.lsn(), offset.epoch())) {
            sessions.forEach(behind, CleansedTable::name, table -> {
                if (increment.touches(table.spec())) {
                    SparkFailure.explain(
                            "merge raw/changes into cleansed/" + table.name(),
                            () -> table.merge(increment, positions.get(table), offset.lsn()));
                } else {
                    advance(table, positions.get(table), offset);
                }
            });
            return increment.size();
        }
    }

    private static void advance(CleansedTable table, long from, CaptureOffset offset) {
        SparkFailure.explain("advance cleansed/" + table.name(), () -> table.advance(from, offset.lsn()));
    }

    /** Every curated table and its position, -1 if it is not built. */
    private Map<CuratedTable, Long> curated() {
        Map<CuratedTable, Long> positions = new LinkedHashMap<>();
        tables.curated().forEach(table -> positions.put(table, table.position().orElse(-1)));
        return positions;
    }

    private void curate(Map<CuratedTable, Long> positions, CaptureOffset offset) {
        List<CuratedTable> behind = positions.keySet().stream()
                .filter(table -> positions.get(table) < offset.lsn())
                .toList();
        try (UpstreamFeeds feeds = new UpstreamFeeds(spark, tables.cleansed(), offset.epoch())) {
            sessions.forEach(behind, CuratedTable::name, table -> {
                long position = positions.get(table);
                SparkFailure.explain("refresh curated/" + table.name(), () -> {
                    if (position < 0) {
                        table.build(offset.lsn());
                    } else {
                        table.refresh(feeds.since(position, table.spec()), position, offset.lsn());
                    }
                });
            });
        }
    }
}
