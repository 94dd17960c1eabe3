package headwater.capture;

import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Shutdown;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./headwater capture}: runs until Ctrl-C or SIGTERM. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description = "The continuous service: PostgreSQL's changes into the raw table.")
final class CaptureCommand implements Runnable {

    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--accept-loss",
            description =
                    "Go on where the slot begins although changes before it are lost. Every table must then be loaded:"
                            + " capture and status name the commands.")
    private boolean acceptLoss;

    @Override
    public void run() {
        try (Shutdown shutdown = new Shutdown()) {
            new CaptureService(pipeline.read(), acceptLoss).run(shutdown);
        }
    }
}
