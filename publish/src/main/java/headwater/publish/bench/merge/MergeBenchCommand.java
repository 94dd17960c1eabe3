package headwater.publish.bench.merge;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.BenchReport;
import headwater.publish.bench.BenchServers;
import headwater.publish.bench.Figure;
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

/** Measures merge passes. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Generates the Part D tables, loads them, and lets a merge service take one transaction of changes after the other:"
                    + " recent, 1,000 changes (80 %% updates, 10 %% inserts, 10 %% deletes) among the newest 100,000 rows; uniform, the"
                    + " same all over the table; flag, entity, city, vanished, state, changes of look-up tables; large, 250,000 changes"
                    + " all over the table; passes, many as recent; job, one run of the command as recent. Time is the pass's own; requests and bytes are counted at the store.",
            "Ends with a second lake that is built anew from a load, which is timed too, and compares all rows of all tables: fails if one differs."
        })
public final class MergeBenchCommand implements Callable<Integer> {
    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Rows of prescriber_drug; the other tables follow (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Option(
            names = "--only",
            paramLabel = "WORKLOAD",
            split = ",",
            description = "Only these of ${COMPLETION-CANDIDATES}.")
    private Set<Workload> workloads = EnumSet.allOf(Workload.class);

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "500",
            description = "How many passes the workload of that name takes (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too.")
    private @Nullable Path json;

    @Spec
    private CommandSpec command;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws SQLException {
        if (rows < 1_000 || passes < 1) {
            throw new Failure(
                    Remedy.USAGE,
                    "--rows must be at least 1000 and --passes at least 1 (are " + rows + " and " + passes + ").");
        }
        try (Shutdown shutdown = new Shutdown();
                BenchServers servers = BenchServers.start(Home.data().resolve("bench/merge"))) {
            List<Figure> figures = new MergeBench(servers, out, shutdown).run(rows, new TreeSet<>(workloads), passes);
            BenchReport.end(figures, versions(servers), command.commandLine().getOut(), json);
        }
        return 0;
    }

    private static String versions(BenchServers servers) throws SQLException {
        try (Connection source = servers.servers().postgres().openAsSuperuser()) {
            return "PostgreSQL " + source.getMetaData().getDatabaseProductVersion();
        }
    }
}
