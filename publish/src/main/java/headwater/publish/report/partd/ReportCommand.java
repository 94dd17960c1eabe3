package headwater.publish.report.partd;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Shutdown;
import headwater.publish.report.ReportServer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves the reports until Ctrl-C. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Serves the Drug Report, the Prescriber Report and the state of the pipeline as web pages, until Ctrl-C.",
            "It reads MySQL as report.user of the pipeline file, and shows up to which LSN the figures are complete."
        })
public final class ReportCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--port",
            defaultValue = "8080",
            description = "Port to listen at, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description =
                    "Address to listen at (default: ${DEFAULT-VALUE}, this machine only). There is no login: whoever reaches it reads the reports.")
    private String host;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline settings = pipeline.read();
        PrintWriter out = command.commandLine().getOut();
        try (Shutdown shutdown = new Shutdown();
                ReportServer server = ReportServer.start(settings, PartDReports.ALL, host, port)) {
            out.println("Reports of pipeline " + settings.name() + ": http://" + host + ":" + server.port()
                    + "/   (Ctrl-C stops)");
            out.flush();
            while (!shutdown.requested()) {
                shutdown.await(Duration.ofHours(1));
            }
            out.println("Stopped");
        }
        return 0;
    }
}
