package headwater.publish.bench.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.Figure;
import headwater.publish.bench.capture.Slope.Point;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Capture under changes at a steady rate for a long time: does heap, lag or the time of a commit grow? */
final class Soak {
    /** What counts as no growth over the whole run: collections and other processes make the values jump. */
    private static final double MOST_DRIFT = 10;

    private final BenchSource source;
    private final Path logs;
    private final Duration length;
    private final int perSecond;
    private final PrintWriter out;
    private final Shutdown shutdown;
    /** When everything up to an LSN had been committed at the source. */
    private final NavigableMap<Lsn, Instant> passed = new TreeMap<>();

    private Instant nextCollection = Instant.now();

    Soak(BenchSource source, Path logs, Duration length, int perSecond, PrintWriter out, Shutdown shutdown) {
        this.source = source;
        this.logs = logs;
        this.length = length;
        this.perSecond = perSecond;
        this.out = out;
        this.shutdown = shutdown;
    }

    List<Figure> run() throws SQLException {
        try (Connection connection = source.pipeline().source().open();
                EngineRun run = EngineRun.capture(source, logs, "soak", shutdown)) {
            WalTraffic traffic = new WalTraffic(connection);
            Instant startedAt = Instant.now();
            Instant until = startedAt.plus(length);
            traffic.write(
                    perSecond,
                    () -> {
                        run.checkRunning();
                        collect(run);
                        return Instant.now().isBefore(until);
                    },
                    shutdown,
                    (lsn, changes) -> passed.put(lsn, Instant.now()));
            double rate = traffic.changes()
                    / (Duration.between(startedAt, Instant.now()).toMillis() / 1000.0);
            CaptureFigures all = run.await(traffic.end(), traffic.changes(), shutdown);
            out.printf(java.util.Locale.ROOT, "soak: %,.0f changes/s committed; %s%n", rate, all);
            return figures(run, all);
        }
    }

    private List<Figure> figures(EngineRun run, CaptureFigures all) {
        double from = warmUp().toSeconds();
        Slope heap = slope(run.collections().stream()
                .filter(HeapLog.Collection::full)
                .map(one -> new Point(one.second(), one.after()))
                .filter(point -> point.second() >= from)
                .toList());
        Slope lag = slope(all.commits().stream()
                .map(commit -> new Point(second(commit, all), lag(commit).toMillis()))
                .filter(point -> point.second() >= from)
                .toList());
        Slope took = slope(all.commits().stream()
                .map(commit -> new Point(second(commit, all), commit.tookMillis()))
                .filter(point -> point.second() >= from)
                .toList());
        out.println("  heap after a full collection, MiB: " + heap);
        out.println("  oldest change of a commit until it is durable, ms: " + lag);
        out.println("  commit, ms: " + took);
        return List.of(drift("soak-heap-drift", heap), drift("soak-lag-drift", lag), drift("soak-commit-drift", took));
    }

    /** A hundred times in all: what younger collections leave grows with the garbage that is old. */
    private void collect(EngineRun run) {
        if (!Instant.now().isBefore(nextCollection)) {
            run.collect();
            nextCollection = Instant.now().plus(length.dividedBy(100));
        }
    }

    /** The first minutes, in which the JVM compiles and the heap grows. */
    private Duration warmUp() {
        Duration fifth = length.dividedBy(5);
        Duration most = Duration.ofMinutes(5);
        return fifth.compareTo(most) < 0 ? fifth : most;
    }

    private static Slope slope(List<Point> points) {
        if (points.size() < 10) {
            throw new Failure(
                    Remedy.USAGE,
                    "Only " + points.size() + " values after the warm-up: soak longer or at a higher rate.");
        }
        return Slope.of(points);
    }

    private static Figure drift(String name, Slope slope) {
        return Figure.atMost("capture", name, slope.drift(), "%", MOST_DRIFT);
    }

    private static double second(CommitLine commit, CaptureFigures all) {
        return Duration.between(all.commits().get(0).at(), commit.at()).toMillis() / 1000.0;
    }

    /** From the commit at the source of the first change in it. */
    private Duration lag(CommitLine commit) {
        var first = passed.higherEntry(commit.from());
        return first == null ? Duration.ZERO : Duration.between(first.getValue(), commit.at());
    }
}
