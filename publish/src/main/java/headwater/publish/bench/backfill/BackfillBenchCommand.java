package headwater.publish.bench.backfill;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.BenchReport;
import headwater.publish.bench.BenchServers;
import headwater.publish.bench.Figure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the first load against COPY and against Spark's JDBC source. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Generates the Part D tables, and on the same tables, in turns: copy, two parallel binary COPYs of all of them,"
                    + " thrown away, which is the physical limit; raw, the backfill up to raw/snapshots on S3; jdbc, the same through"
                    + " Spark's JDBC source in 20 ranges of id; chain, the whole backfill and the publication to MySQL.",
            "Targets: raw <= 2.4 of copy, jdbc >= 1.4 of raw, chain <= 6 of copy."
        })
public final class BackfillBenchCommand implements Callable<Integer> {
    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Rows of prescriber_drug; the other tables follow (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "1",
            description = "How often each side runs (default: ${DEFAULT-VALUE}); the figures are medians.")
    private int pairs;

    @Option(
            names = "--sides",
            paramLabel = "SIDE",
            split = ",",
            description = "Only these of ${COMPLETION-CANDIDATES}; a figure needs both of its sides.")
    private Set<Side> sides = EnumSet.allOf(Side.class);

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too.")
    private @Nullable Path json;

    @Spec
    private CommandSpec command;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws SQLException, IOException {
        if (rows < 1 || pairs < 1) {
            throw new Failure(
                    Remedy.USAGE, "--rows and --pairs must be at least 1 (are " + rows + " and " + pairs + ").");
        }
        try (Shutdown shutdown = new Shutdown();
                BenchServers servers = BenchServers.start(Home.data().resolve("bench/backfill"))) {
            List<Figure> figures = new BackfillBench(servers, out, shutdown).run(rows, pairs, new TreeSet<>(sides));
            BenchReport.end(figures, versions(servers), command.commandLine().getOut(), json);
        }
        return 0;
    }

    private static String versions(BenchServers servers) throws SQLException {
        try (Connection source = servers.servers().postgres().openAsSuperuser();
                Connection target = servers.servers().mySql().openAsRoot()) {
            return "PostgreSQL " + source.getMetaData().getDatabaseProductVersion() + ", MySQL "
                    + target.getMetaData().getDatabaseProductVersion();
        }
    }
}
