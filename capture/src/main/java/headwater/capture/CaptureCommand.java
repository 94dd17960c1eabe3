package headwater.capture;

import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Shutdown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./headwater capture}: runs until Ctrl-C or SIGTERM. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description = "The continuous service: PostgreSQL's changes into the raw table.")
final class CaptureCommand implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureCommand.class);

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
        Thread.setDefaultUncaughtExceptionHandler(CaptureCommand::failed);
        try (Shutdown shutdown = new Shutdown()) {
            new CaptureService(pipeline.read(), acceptLoss).run(shutdown);
        }
    }

    /** Without memory a service would stand still and say nothing. */
    private static void failed(Thread thread, Throwable thrown) {
        LOG.error("The thread {} failed", thread.getName(), thrown);
        if (thrown instanceof VirtualMachineError) {
            Shutdown.halt();
        }
    }
}
