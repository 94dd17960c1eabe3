package headwater.publish.bench.capture;

import headwater.lake.process.DurationText;
import headwater.lake.process.Home;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.BenchReport;
import headwater.publish.bench.Figure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures capture against the engine that it is built on. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Changes cms.prescriber_drug (60 %% updates, 30 %% inserts, 10 %% deletes, 1 to 1,000 rows a transaction) and lets the"
                    + " bare Debezium engine, which discards, and capture, into raw on S3, read the same WAL in turns, each in a"
                    + " JVM of its own. Then capture with small commits on an empty log and on one of many files.",
            "Targets: events/s >= 0.85 of the bare engine's, RSS <= 1 GiB, commit p99 and heap on the long log <= 1.5 of the"
                    + " empty one's."
        })
public final class CaptureBenchCommand implements Callable<Integer> {
    private static final long FIRST_ROWS = 200_000;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Row changes that each run reads (default: ${DEFAULT-VALUE}).")
    private long events;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "300000",
            description = "Row changes that each run reads before its clock starts (default: ${DEFAULT-VALUE}).")
    private long warmUp;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each of the two runs (default: ${DEFAULT-VALUE}); 0 leaves them out.")
    private int pairs;

    @Option(
            names = "--files",
            paramLabel = "N",
            defaultValue = "300000",
            description = "Files in the long log (default: ${DEFAULT-VALUE}); 0 leaves it out.")
    private int files;

    @Option(
            names = "--soak",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "Only this: changes at a steady rate for so long, such as 30m.")
    private @Nullable Duration soak;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Row changes per second of --soak (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too.")
    private @Nullable Path json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws SQLException, IOException {
        PrintWriter out = command.commandLine().getOut();
        Path folder = Home.data().resolve("bench/capture");
        try (Shutdown shutdown = new Shutdown();
                BenchSource source = BenchSource.start(folder, FIRST_ROWS)) {
            List<Figure> figures = soak == null
                    ? compare(source, folder, out, shutdown)
                    : new Soak(source, folder.resolve("logs/soak"), soak, rate, out, shutdown).run();
            BenchReport.end(figures, source.versions(), out, json);
        }
        return 0;
    }

    private List<Figure> compare(BenchSource source, Path folder, PrintWriter out, Shutdown shutdown)
            throws SQLException, IOException {
        CaptureBench bench = new CaptureBench(source, folder, System.out, out, shutdown);
        List<Figure> figures = new ArrayList<>();
        if (pairs > 0) {
            figures.addAll(bench.pairs(warmUp, events, pairs));
        }
        if (files > 0) {
            figures.addAll(bench.logs(files));
        }
        return figures;
    }
}
