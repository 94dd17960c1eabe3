package headwater.capture;

import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Shutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./headwater capture}: runs until Ctrl-C or SIGTERM. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description = "The continuous service: PostgreSQL's changes into the raw table.")
final class CaptureCommand implements Runnable {

    @Option(
            names = "--pipeline",
            paramLabel = "FILE|NAME",
            defaultValue = PipelineFile.SHIPPED,
            description = "The pipeline file, or a shipped pipeline by name (default: ${DEFAULT-VALUE}).")
    private String pipeline;

    @Override
    public void run() {
        try (Shutdown shutdown = new Shutdown()) {
            new CaptureService(PipelineFile.read(pipeline)).run(shutdown);
        }
    }
}
