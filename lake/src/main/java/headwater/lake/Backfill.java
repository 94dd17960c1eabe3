package headwater.lake;

import static java.util.stream.Collectors.joining;

import headwater.lake.cleanse.CleansedTable;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.curate.CuratedTable;
import headwater.lake.load.LoadLimits;
import headwater.lake.load.SourceCatalog;
import headwater.lake.load.SourceCopy;
import headwater.lake.load.SourceExport;
import headwater.lake.pass.LakeTables;
import headwater.lake.pass.TableSessions;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.Increment;
import headwater.lake.raw.RawChanges;
import headwater.lake.raw.SourceLoad;
import headwater.lake.table.SparkFailure;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.sql.SparkSession;

/**
 * Loads of tables. The first one goes through to the curated tables: all tables that are not loaded yet, as one snapshot
 * of the source shows them. A later one of a table is only written to raw/snapshots, and the merge applies it, since a
 * table has one writer. Each table's step is one commit, so a run that ended anywhere is finished by the next one.
 */
final class Backfill implements AutoCloseable {
    private final SparkSession spark;
    private final Pipeline pipeline;
    private final LoadLimits limits;
    private final PrintStream out;
    private final RawChanges raw;
    private final TableSessions sessions;
    private final Start start;
    private final LakeTables tables;

    /** Where the changes begin that capture has or will have. */
    private record Start(int epoch, long lsn) {}

    /** The LSN of each table's load, and how many rows were read for them. */
    private record Loads(Map<TableSpec, Long> lsns, long rows) {}

    /** More than capture needs to start and to commit its first heartbeat. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    Backfill(SparkSession spark, Pipeline pipeline, LoadLimits limits, PrintStream out) {
        this.spark = spark;
        this.pipeline = pipeline;
        this.limits = limits;
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
            Lsn confirmed = catalog.start(pipeline.source());
            return offset.map(known -> new Start(known.epoch(), known.startLsn()))
                    .orElseGet(() -> new Start(1, confirmed.value()));
        }
    }

    /** Copies tables into raw/snapshots and leaves what is built from there to the next backfill. */
    void copy(List<TableSpec> wanted) {
        long startedAt = System.nanoTime();
        Loads loads = copied(wanted);
        done("Copied", wanted, loads.rows(), startedAt);
    }

    private void load(List<TableSpec> missing) {
        long startedAt = System.nanoTime();
        Loads loads = copied(missing);
        sessions.forEach(
                List.copyOf(loads.lsns().entrySet()),
                load -> load.getKey().name(),
                load -> build(load.getKey(), load.getValue()));
        curate();
        done("Loaded", missing, loads.rows(), startedAt);
    }

    private void done(String what, List<TableSpec> tables, long rows, long startedAt) {
        out.printf(
                "%s %d tables, %,d rows, in %.1f s.%n",
                what, tables.size(), rows, (System.nanoTime() - startedAt) / 1e9);
    }

    /** The whole loads of tables, as they are or copied now. */
    private Loads copied(List<TableSpec> tables) {
        Map<TableSpec, Long> lsns = new LinkedHashMap<>();
        List<TableSpec> unread = new ArrayList<>();
        for (TableSpec spec : tables) {
            OptionalLong newest = source(spec).newest();
            if (newest.isPresent() && newest.getAsLong() >= start.lsn()) {
                out.println("Kept the load of " + spec.source() + " at " + new Lsn(newest.getAsLong()) + ".");
                lsns.put(spec, newest.getAsLong());
            } else {
                unread.add(spec);
            }
        }
        return new Loads(lsns, unread.isEmpty() ? 0 : copy(unread, lsns));
    }

    private void build(TableSpec spec, long load) {
        try {
            SparkFailure.explain("build cleansed/" + spec.name(), () -> build(cleansed(spec), source(spec), load));
        } catch (Failure e) {
            throw again(e, "The loads are kept");
        }
    }

    /** One that exists is of an epoch before: only rows that differ are touched. */
    private void build(CleansedTable table, SourceLoad loads, long load) {
        if (table.log().version() < 0) {
            table.build(loads.at(load), load);
            return;
        }
        try (Increment nothing = Increment.read(spark, raw, load, load, start.epoch())) {
            table.reload(loads.at(load), load, nothing, -1, load);
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

    private long copy(List<TableSpec> unread, Map<TableSpec, Long> loads) {
        awaitCapture(unread);
        List<SourceTable> sources =
                unread.stream().map(TableSpec::source).distinct().toList();
        try (SourceExport export = SourceExport.open(pipeline.name(), pipeline.source(), sources, limits)) {
            long rows = copy(unread, export);
            unread.forEach(spec -> loads.put(spec, export.lsn()));
            export.end();
            return rows;
        }
    }

    private long copy(List<TableSpec> unread, SourceExport export) {
        long[] rows = new long[1];
        try {
            SparkFailure.explain(
                    "load the tables of the source",
                    () -> rows[0] = new SourceCopy(spark, export, limits, out).run(bySource(unread)));
        } catch (Failure e) {
            if (e.remedy() == Remedy.RETRY) {
                throw again(e, "What is read is kept, and the snapshot for " + limits.keepInWords() + " more");
            }
            export.end();
            throw e;
        }
        return rows[0];
    }

    /** Two cleansed tables may read one source table, which is copied once. */
    private List<SourceLoad> bySource(List<TableSpec> specs) {
        Map<SourceTable, SourceLoad> loads = new LinkedHashMap<>();
        specs.forEach(spec -> loads.putIfAbsent(spec.source(), source(spec)));
        return List.copyOf(loads.values());
    }

    /** Adds to what another try may get over what it will find. */
    private static Failure again(Failure failed, String kept) {
        return failed.remedy() == Remedy.RETRY
                ? new Failure(
                        Remedy.RETRY,
                        failed.getMessage() + ". " + kept + ": mend it, and give the same command again.",
                        failed)
                : failed;
    }

    /** Builds the curated tables, if the cleansed ones show one moment; else the first merge pass that can builds them. */
    private void curate() {
        List<Long> positions = pipeline.tables().stream()
                .map(spec -> cleansed(spec).position().orElse(-1))
                .distinct()
                .toList();
        if (tables.curated().stream().allMatch(table -> table.position().isPresent())) {
            return;
        }
        if (positions.size() > 1 || positions.contains(-1L)) {
            out.println(
                    "Left the curated tables to \"./headwater merge\": the cleansed tables are at different positions.");
            return;
        }
        long position = positions.get(0);
        for (List<CuratedTable> layer : tables.layers()) {
            List<CuratedTable> missing = layer.stream()
                    .filter(table -> table.position().isEmpty() && isReady(table, position))
                    .toList();
            sessions.forEach(
                    missing,
                    CuratedTable::name,
                    table -> SparkFailure.explain("build curated/" + table.name(), () -> table.build(position)));
        }
        String left = tables.curated().stream()
                .filter(table -> table.position().isEmpty())
                .map(CuratedTable::name)
                .collect(joining(", "));
        if (!left.isEmpty()) {
            out.println("Left " + left
                    + " to \"./headwater merge\": they read curated tables that are at other positions.");
        }
    }

    /** Whether the curated tables that one is computed from are where the cleansed ones are; else a merge pass builds it. */
    private boolean isReady(CuratedTable table, long position) {
        return tables.curated().stream()
                .filter(other -> table.spec().affectedBy().containsKey(other.name()))
                .allMatch(other -> other.position().orElse(-1) == position);
    }

    private SourceLoad source(TableSpec spec) {
        return tables.load(spec.name());
    }

    private CleansedTable cleansed(TableSpec spec) {
        return tables.cleansed(spec.name());
    }
}
