package headwater.publish.demo;

import headwater.lake.process.DurationText;
import headwater.lake.process.Home;
import headwater.lake.process.Shutdown;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headwater demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs all of it on this machine: starts PostgreSQL, S3 and MySQL, generates Medicare Part D rows, loads them,",
            "streams change traffic through every hop, and shows what arrives where and how late.",
            "With --for it ends by comparing every published row with a computation from scratch in PostgreSQL:",
            "exit code 0 if all agree, 1 if not. Without it runs until Ctrl-C.",
            "Everything it makes lies below one folder and is made anew by the next run."
        })
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--rows", paramLabel = "N", description = "rows of prescriber_drug (default: ${DEFAULT-VALUE})")
    private long rows = 200_000;

    @Option(names = "--changes", paramLabel = "R", description = "changes per second (default: ${DEFAULT-VALUE})")
    private int changes = 200;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "length of the traffic, such as 60s; then proof and end")
    private @Nullable Duration length;

    @Option(names = "--pause", description = "wait for Enter between the last publication and the proof")
    private boolean pause;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "where data and logs go (default: .headwater/demo beside the launcher)")
    private Path folder = Home.data().resolve("demo");

    @Override
    public Integer call() {
        try (Shutdown shutdown = new Shutdown()) {
            return new Demo(folder.toAbsolutePath(), rows, changes, length, pause, shutdown, System.out).run();
        }
    }
}
