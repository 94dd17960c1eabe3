package headwater.capture;

import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Shutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./headwater capture}: runs until Ctrl-C or SIGTERM. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description = "The continuous service: PostgreSQL's changes into the raw table.")
final class CaptureCommand implements Runnable {

    @Mixin
    private PipelineOption pipeline;

    @Override
    public void run() {
        try (Shutdown shutdown = new Shutdown()) {
            new CaptureService(pipeline.read()).run(shutdown);
        }
    }
}
