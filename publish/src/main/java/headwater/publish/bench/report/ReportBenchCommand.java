package headwater.publish.bench.report;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.DurationText;
import headwater.lake.process.Home;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.BenchReport;
import headwater.publish.setup.TargetSchema;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the reports over many prescribers and for many viewers. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Fills the report tables of a MySQL of its own with rows of all 62 states, and measures every visual's query and"
                    + " the pages for many viewers at once, with a new publication every 5 s.",
            "Targets: each visual's query p95 <= 300 ms, a first page with all it needs <= 1.5 s."
        })
public final class ReportBenchCommand implements Callable<Integer> {
    @Option(
            names = "--prescribers",
            defaultValue = "1000000",
            description = "Rows of prescriber_report (default: ${DEFAULT-VALUE}).")
    private int prescribers;

    @Option(names = "--viewers", defaultValue = "20", description = "Viewers at once (default: ${DEFAULT-VALUE}).")
    private int viewers;

    @Option(
            names = "--for",
            defaultValue = "30s",
            converter = DurationText.class,
            description = "How long they look (default: ${DEFAULT-VALUE}).")
    private Duration length;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there too.")
    private @Nullable Path json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws SQLException {
        PrintWriter out = command.commandLine().getOut();
        try (Shutdown shutdown = new Shutdown();
                EmbeddedServers servers = EmbeddedServers.start(Home.data().resolve("bench"))) {
            Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
            new TargetSchema(pipeline).setUp(new PrintWriter(new StringWriter(), true));
            String version;
            try (Connection mart = pipeline.target().open()) {
                new BenchRows(mart, prescribers, System.out).write(shutdown);
                version = "MySQL " + mart.getMetaData().getDatabaseProductVersion();
            }
            if (shutdown.requested()) {
                return 1;
            }
            ReportBench bench = new ReportBench(pipeline, viewers, length, out);
            BenchReport.end(bench.run(shutdown), version, out, json);
        }
        return 0;
    }
}
