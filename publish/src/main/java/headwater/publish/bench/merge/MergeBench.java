package headwater.publish.bench.merge;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeConfiguration;
import headwater.publish.bench.BenchServers;
import headwater.publish.bench.CommandRun;
import headwater.publish.bench.Figure;
import headwater.publish.bench.Median;
import headwater.publish.delta.DeltaTable;
import headwater.publish.delta.RawPosition;
import headwater.publish.demo.HeadwaterProcess;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * Keeps a lake by passes while the source changes, and ends with a lake that is built anew from the source: a pass that is
 * fast and leaves other rows is not.
 */
final class MergeBench {
    /** In the lake of this name the passes are measured. */
    private static final String KEPT = "kept";
    /** That of this name is built anew. */
    private static final String ANEW = "anew";

    private static final int WARM_UP = 5;
    private static final int STRETCH = 50;
    private static final Duration LOOK = Duration.ofMillis(100);

    private final BenchServers servers;
    private final PrintStream out;
    private final Shutdown shutdown;
    private final Pipeline pipeline;
    private final SourceChanges changes;
    private final Engine engine;
    private final List<Figure> figures = new ArrayList<>();

    MergeBench(BenchServers servers, PrintStream out, Shutdown shutdown) {
        this.servers = servers;
        this.out = out;
        this.shutdown = shutdown;
        this.pipeline = servers.pipeline(KEPT);
        this.changes = new SourceChanges(pipeline.source(), 1);
        this.engine = DefaultEngine.create(LakeConfiguration.of(pipeline.lake()));
    }

    /**
     * Generates the source, loads it, and measures.
     *
     * @param rows of cms.prescriber_drug
     * @param passes of {@link Workload#PASSES}
     */
    List<Figure> run(long rows, Set<Workload> workloads, int passes) throws SQLException {
        command(KEPT, "generate", "--rows", String.valueOf(rows));
        command(KEPT, "setup");
        try (HeadwaterProcess capture =
                HeadwaterProcess.start(servers.logs(KEPT), servers.environment(KEPT), "capture")) {
            command(KEPT, "backfill");
            serve(workloads, passes, capture);
            if (workloads.contains(Workload.JOB)) {
                awaitRaw(changes.commit(Workload.JOB), capture);
                CommandRun job = command(KEPT, "merge");
                out.println(Workload.JOB + " " + job);
                figures.add(Figure.atMost("merge", "job", seconds(job), "s", 20));
            }
        }
        build();
        command(KEPT, "compare", "--with", servers.pipeline(ANEW).layout().root());
        return List.copyOf(figures);
    }

    private void serve(Set<Workload> workloads, int passes, HeadwaterProcess capture) throws SQLException {
        try (MergeService merge = MergeService.start(servers.logs("service"), servers.environment(KEPT), shutdown)) {
            for (int pass = 0; pass < WARM_UP; pass++) {
                out.println("warm-up  " + measure(Workload.RECENT, merge, capture));
            }
            for (Workload workload : workloads) {
                switch (workload) {
                    case JOB -> {}
                    case PASSES -> stretches(passes, merge, capture);
                    default -> add(measure(workload, merge, capture));
                }
            }
            out.printf(Locale.ROOT, "service  RSS %,d MiB%n", merge.peakBytes() >> 20);
        }
    }

    /** One transaction of changes, from the moment that raw has it; the service stands still until then. */
    private Passes measure(Workload workload, MergeService merge, HeadwaterProcess capture) throws SQLException {
        merge.pause();
        Lsn position = changes.commit(workload);
        awaitRaw(position, capture);
        StoreUse before = StoreUse.of(servers.servers().s3());
        merge.resume();
        List<PassLine> lines = merge.until(position);
        return new Passes(workload, lines, StoreUse.of(servers.servers().s3()).since(before));
    }

    private void add(Passes measured) {
        out.println(measured);
        switch (measured.workload()) {
            case RECENT -> add(measured, 3, 4, 150);
            case UNIFORM -> add(measured, 4, 8, 400);
            case LARGE -> figures.add(Figure.atMost("merge", "large", measured.seconds(), "s", 35));
            case FLAG, ENTITY, CITY, VANISHED ->
                figures.add(Figure.atMost("merge", measured.workload().toString(), measured.seconds(), "s", 3));
            default -> {}
        }
    }

    private void add(Passes measured, double seconds, double megabytes, double requests) {
        String workload = measured.workload().toString();
        figures.add(Figure.atMost("merge", workload, measured.seconds(), "s", seconds));
        figures.add(
                Figure.atMost("merge", workload + "-written", measured.store().megabytes(), "MB", megabytes));
        figures.add(
                Figure.atMost("merge", workload + "-requests", measured.store().asked(), "", requests));
    }

    /** Whether the last passes cost what early ones did. */
    private void stretches(int passes, MergeService merge, HeadwaterProcess capture) throws SQLException {
        List<Passes> measured = new ArrayList<>();
        for (int pass = 1; pass <= passes; pass++) {
            measured.add(measure(Workload.PASSES, merge, capture));
            if (pass % STRETCH == 0 || pass == passes) {
                int first = (pass - 1) / STRETCH * STRETCH;
                List<Passes> stretch = measured.subList(first, pass);
                out.printf(
                        Locale.ROOT,
                        "%-8s %d to %d: %.2f s, %.0f requests, %.2f MB, %.0f objects each%n",
                        Workload.PASSES,
                        first + 1,
                        pass,
                        median(stretch, Passes::seconds),
                        median(stretch, one -> one.store().asked()),
                        median(stretch, one -> one.store().megabytes()),
                        median(stretch, one -> one.store().objects().size()));
            }
        }
        if (passes >= 3 * STRETCH) {
            List<Passes> early = measured.subList(STRETCH, 2 * STRETCH);
            List<Passes> last = measured.subList(passes - STRETCH, passes);
            ratio("seconds", early, last, Passes::seconds);
            ratio("requests", early, last, one -> one.store().asked());
            ratio("objects", early, last, one -> one.store().objects().size());
        }
    }

    private void ratio(String what, List<Passes> early, List<Passes> last, ToDoubleFunction<Passes> figure) {
        figures.add(Figure.atMost(
                "merge", "last-passes/early-" + what, median(last, figure) / median(early, figure), "", 1.2));
    }

    private static double median(List<Passes> passes, ToDoubleFunction<Passes> figure) {
        return Median.of(passes.stream().mapToDouble(figure));
    }

    /** A lake from the source as it is now. */
    private void build() {
        command(ANEW, "backfill", "--raw-only");
        out.println("build " + command(ANEW, "backfill"));
    }

    /** Waits until raw holds everything up to a position. */
    private void awaitRaw(Lsn position, HeadwaterProcess capture) {
        DeltaTable raw = new DeltaTable(engine, pipeline.layout().rawChanges());
        while (!raw.newest()
                .flatMap(RawPosition::offset)
                .map(CaptureOffset::lsn)
                .map(Lsn::new)
                .filter(there -> there.isAfter(position))
                .isPresent()) {
            capture.checkRunning();
            shutdown.check();
            shutdown.await(LOOK);
        }
    }

    private static double seconds(CommandRun run) {
        return run.time().toNanos() / 1e9;
    }

    private CommandRun command(String lake, String command, String... options) {
        return CommandRun.of(servers.logs(lake), servers.environment(lake), out, shutdown, command, options);
    }
}
