package headwater.lake;

import headwater.lake.backfill.SourceCatalog;
import headwater.lake.backfill.SourceLoad;
import headwater.lake.backfill.SourceSnapshot;
import headwater.lake.cleanse.CleansedTable;
import headwater.lake.cleanse.RawChanges;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.curate.CuratedTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.SparkSession;

/**
 * Loads of tables. The first one goes through to the curated tables: all tables that are not loaded yet, as one snapshot
 * of the source shows them. A later one of a table is only written to raw/snapshots, and the merge applies it, since a
 * table has one writer. Each table's step is one commit, so a run that ended anywhere is finished by the next one.
 */
final class Backfill implements AutoCloseable {
    private final Pipeline pipeline;
    private final OptionalInt parallelism;
    private final PrintStream out;
    private final RawChanges raw;
    private final TableSessions sessions;
    private final Start start;
    private final LakeTables tables;

    /** Where the changes begin that capture has or will have. */
    private record Start(int epoch, long lsn) {}

    /** More than capture needs to start and to commit its first heartbeat. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    Backfill(SparkSession spark, Pipeline pipeline, OptionalInt parallelism, PrintStream out) {
        this.pipeline = pipeline;
        this.parallelism = parallelism;
        this.out = out;
        this.raw = new RawChanges(spark, pipeline.layout());
        this.sessions = new TableSessions(spark);
        this.start = start();
        this.tables = LakeTables.of(pipeline, sessions, start.epoch());
    }

    /** Loads all tables that are not loaded yet. */
    void all() {
        List<TableSpec> missing = new ArrayList<>();
        for (TableSpec spec : pipeline.tables()) {
            OptionalLong position = cleansed(spec).position();
            if (position.isPresent()) {
                out.println("Kept " + spec.name() + ", which is loaded and at " + new Lsn(position.getAsLong()) + ".");
            } else {
                missing.add(spec);
            }
        }
        load(missing);
    }

    /** Loads one table; of one that is loaded already only the rows, which the merge then compares with what it holds. */
    void only(TableSpec spec) {
        if (cleansed(spec).position().isEmpty()) {
            load(List.of(spec));
            return;
        }
        awaitCapture(List.of(spec));
        long startedAt = System.nanoTime();
        Map<TableSpec, Long> loads = new LinkedHashMap<>();
        long rows = copy(List.of(spec), loads);
        out.printf(
                "Loaded %s again, %,d rows, in %.1f s. \"./headwater merge\" applies them once raw/changes has passed %s.%n",
                spec.name(),
                rows,
                (System.nanoTime() - startedAt) / 1e9,
                new Lsn(loads.getOrDefault(spec, start.lsn())));
    }

    @Override
    public void close() {
        sessions.close();
    }

    private Start start() {
        Optional<CaptureOffset> offset = raw.newest();
        try (SourceCatalog catalog = new SourceCatalog(pipeline.source())) {
            Lsn confirmed = catalog.confirmed(pipeline.source().slot())
                    .orElseThrow(() -> new Failure(
                            Remedy.OPERATOR,
                            "Cannot load: the source has no replication slot \""
                                    + pipeline.source().slot()
                                    + "\", so changes after the load would be lost. Run \"./headwater setup\" first."));
            return offset.map(known -> new Start(known.epoch(), known.startLsn()))
                    .orElseGet(() -> new Start(1, confirmed.value()));
        }
    }

    /**
     * Waits until a running capture reads the tables: what an older one passes over after their snapshot would be lost.
     * Where there is no raw/changes yet the first capture reads all from the slot's beginning.
     */
    private void awaitCapture(List<TableSpec> specs) {
        Instant deadline = Instant.now().plus(PATIENCE);
        List<String> unread = unread(specs);
        if (!unread.isEmpty()) {
            out.println("Waiting for capture, which does not read " + String.join(", ", unread) + " yet.");
        }
        while (!unread.isEmpty()) {
            if (Instant.now().isAfter(deadline)) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot load " + String.join(", ", unread)
                                + ": in raw/changes capture does not say that it reads "
                                + (unread.size() == 1 ? "it" : "them")
                                + ", so changes after the load would be lost. Start \"./headwater capture\" anew, with this pipeline file, and run the command again.");
            }
            // another process commits: there is nothing to wait on
            LockSupport.parkNanos(500_000_000);
            unread = unread(specs);
        }
    }

    private List<String> unread(List<TableSpec> specs) {
        Optional<CaptureOffset> offset = raw.newest();
        return specs.stream()
                .map(spec -> spec.source().toString())
                .filter(table -> offset.isPresent() && !offset.get().tables().contains(table))
                .toList();
    }

    private void load(List<TableSpec> missing) {
        awaitCapture(missing);
        long startedAt = System.nanoTime();
        Map<TableSpec, Long> loads = new LinkedHashMap<>();
        List<TableSpec> unread = new ArrayList<>();
        for (TableSpec spec : missing) {
            OptionalLong newest = source(spec).newest();
            if (newest.isPresent() && newest.getAsLong() >= start.lsn()) {
                out.println("Kept the load of " + spec.source() + " at " + new Lsn(newest.getAsLong()) + ".");
                loads.put(spec, newest.getAsLong());
            } else {
                unread.add(spec);
            }
        }
        long rows = unread.isEmpty() ? 0 : copy(unread, loads);
        sessions.forEach(
                List.copyOf(loads.entrySet()),
                load -> load.getKey().name(),
                load -> build(load.getKey(), load.getValue()));
        curate();
        out.printf(
                "Loaded %d tables, %,d rows, in %.1f s.%n",
                missing.size(), rows, (System.nanoTime() - startedAt) / 1e9);
    }

    private void build(TableSpec spec, long load) {
        SparkFailure.explain(
                "build cleansed/" + spec.name(),
                () -> cleansed(spec).build(source(spec).at(load), load));
    }

    private long copy(List<TableSpec> unread, Map<TableSpec, Long> loads) {
        long rows = 0;
        try (SourceSnapshot snapshot = SourceSnapshot.export(pipeline.source())) {
            for (TableSpec spec : unread) {
                long[] copied = new long[1];
                SparkFailure.explain(
                        "load " + spec.source(),
                        () -> copied[0] = source(spec).copy(pipeline.source(), snapshot, parallelism, out));
                rows += copied[0];
                loads.put(spec, snapshot.lsn());
            }
        }
        return rows;
    }

    /** Builds the curated tables, if the cleansed ones show one moment; else the first merge pass that can builds them. */
    private void curate() {
        List<Long> positions = pipeline.tables().stream()
                .map(spec -> cleansed(spec).position().orElse(-1))
                .distinct()
                .toList();
        List<CuratedTable> missing = tables.curated().stream()
                .filter(table -> table.position().isEmpty())
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        if (positions.size() > 1 || positions.contains(-1L)) {
            out.println(
                    "Left the curated tables to \"./headwater merge\": the cleansed tables are at different positions.");
            return;
        }
        sessions.forEach(
                missing,
                CuratedTable::name,
                table -> SparkFailure.explain("build curated/" + table.name(), () -> table.build(positions.get(0))));
    }

    private SourceLoad source(TableSpec spec) {
        return tables.load(spec.name());
    }

    private CleansedTable cleansed(TableSpec spec) {
        return tables.cleansed(spec.name());
    }
}
