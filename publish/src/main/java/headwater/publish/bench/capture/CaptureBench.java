package headwater.publish.bench.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Progress;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.Figure;
import headwater.publish.bench.Median;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Capture and the bare engine in turns over the same WAL; then capture on a long log and on an empty one. */
final class CaptureBench {
    private static final long LOG_RUN_EVENTS = 200_000;
    private static final long LOG_RUN_FLUSH_BYTES = 400_000;

    private final BenchSource source;
    private final Path folder;
    private final PrintStream out;
    private final PrintWriter words;
    private final Shutdown shutdown;

    CaptureBench(BenchSource source, Path folder, PrintStream out, PrintWriter words, Shutdown shutdown) {
        this.source = source;
        this.folder = folder;
        this.out = out;
        this.words = words;
        this.shutdown = shutdown;
    }

    /**
     * So many pairs of runs over so many events.
     *
     * @param warmUp events that both read before, while their JVMs compile themselves
     */
    List<Figure> pairs(long warmUp, long events, int pairs) throws SQLException, IOException {
        source.keepWal();
        Written before = write(warmUp);
        Written wal = write(events);
        List<CaptureFigures> bare = new ArrayList<>();
        List<CaptureFigures> ours = new ArrayList<>();
        for (int pair = 1; pair <= pairs; pair++) {
            source.rewind();
            try (EngineRun run = EngineRun.bare(source, logs("bare-" + pair), shutdown, before.end(), wal.end())) {
                bare.add(run.warmedUpTo(before.end(), shutdown).await(wal.end(), wal.events(), shutdown));
            }
            say("bare engine", bare.get(bare.size() - 1));
            source.rewind();
            try (EngineRun run = EngineRun.capture(source, logs("capture-" + pair), lake(pair), shutdown)) {
                ours.add(run.warmedUpTo(before.end(), shutdown).await(wal.end(), wal.events(), shutdown));
            }
            say("capture", ours.get(ours.size() - 1));
        }
        double bytes = new RawBytes(source.pipeline(lake(pairs)).lake()).dataBytes()
                / (double) (before.events() + wal.events());
        words.printf(
                Locale.ROOT,
                "events/s: bare %,.0f, capture %,.0f; CPU s per million: bare %.1f, capture %.1f; %.1f bytes per event in raw%n",
                median(bare, CaptureFigures::perSecond),
                median(ours, CaptureFigures::perSecond),
                median(bare, CaptureFigures::cpuPerMillion),
                median(ours, CaptureFigures::cpuPerMillion),
                bytes);
        return List.of(
                Figure.atLeast("capture", "events/bare", ratio(ours, bare), "", 0.85),
                Figure.atMost(
                        "capture",
                        "peak-rss",
                        ours.stream()
                                .mapToDouble(CaptureFigures::peakMebibytes)
                                .max()
                                .orElseThrow(),
                        "MiB",
                        1024));
    }

    /** Small commits to an empty log and to one of so many files. */
    List<Figure> logs(int files) throws SQLException, IOException {
        source.keepWal();
        Written wal = write(LOG_RUN_EVENTS);
        String pipeline =
                BenchSource.withFlushBytes(folder, LOG_RUN_FLUSH_BYTES).toString();
        List<CaptureFigures> runs = new ArrayList<>();
        for (boolean prepared : new boolean[] {false, true}) {
            String lake = prepared ? "log-long" : "log-empty";
            if (prepared) {
                prepare(lake, files, pipeline);
            }
            source.rewind();
            try (EngineRun run = EngineRun.capture(source, logs(lake), lake, shutdown, "--pipeline", pipeline)) {
                CaptureFigures measured = run.await(wal.end(), wal.events(), shutdown);
                runs.add(measured);
                say(prepared ? "log of " + files + " files" : "empty log", measured);
                words.printf(
                        Locale.ROOT,
                        "  %d commits: p50 %.0f ms, p95 %.0f ms, p99 %.0f ms, max %.0f ms%n",
                        measured.commits().size(),
                        measured.commitPercentile(50),
                        measured.commitPercentile(95),
                        measured.commitPercentile(99),
                        measured.commitPercentile(100));
            }
        }
        CaptureFigures empty = runs.get(0);
        CaptureFigures full = runs.get(1);
        return List.of(
                Figure.atMost(
                        "capture",
                        "long-log-commit-p99/empty",
                        full.commitPercentile(99) / empty.commitPercentile(99),
                        "",
                        1.5),
                Figure.atMost("capture", "long-log-peak-heap/empty", full.heap() / (double) empty.heap(), "", 1.5),
                Figure.atMost("capture", "long-log-live-heap/empty", full.live() / (double) empty.live(), "", 1.5));
    }

    /** Capture makes the table by itself; then its log grows as if it had run for days. */
    private void prepare(String lake, int files, String pipeline) throws SQLException, IOException {
        source.rewind();
        try (EngineRun run = EngineRun.capture(source, logs(lake + "-made"), lake, shutdown, "--pipeline", pipeline)) {
            while (run.commits().isEmpty()) {
                run.checkRunning();
                shutdown.await(java.time.Duration.ofMillis(50));
            }
        }
        long startedAt = System.nanoTime();
        new LongLog(source.pipeline(lake).lake()).grow(files);
        words.printf(
                Locale.ROOT, "prepared a log of %,d files in %.1f s%n", files, (System.nanoTime() - startedAt) / 1e9);
        words.flush();
    }

    private record Written(long events, Lsn end) {}

    private Written write(long events) throws SQLException {
        try (Connection connection = source.pipeline().source().open();
                Progress progress = new Progress("changes into the WAL", events, out)) {
            WalTraffic traffic = new WalTraffic(connection);
            traffic.write(events, progress, shutdown);
            return new Written(traffic.changes(), traffic.end());
        }
    }

    private Path logs(String run) {
        return folder.resolve("logs").resolve(run);
    }

    private static String lake(int pair) {
        return "run-" + pair;
    }

    private void say(String what, CaptureFigures measured) {
        words.printf("%-24s %s%n", what, measured);
        words.flush();
    }

    /** The median of the pairs' ratios: what else the machine did counts for both runs of a pair. */
    private static double ratio(List<CaptureFigures> ours, List<CaptureFigures> bare) {
        return Median.of(IntStream.range(0, ours.size())
                .mapToDouble(pair -> ours.get(pair).perSecond() / bare.get(pair).perSecond()));
    }

    private static double median(List<CaptureFigures> runs, ToDoubleFunction<CaptureFigures> figure) {
        return Median.of(runs.stream().mapToDouble(figure));
    }
}
