package headwater.publish.bench;

import headwater.lake.process.Failure;
import headwater.lake.process.Shutdown;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Headwater command in a JVM of its own, as the launcher starts it for a user, from its start to its end.
 *
 * @param within the seconds that it says its work took; empty if it says none
 * @param peakBytes the most memory that it held
 */
public record CommandRun(String command, Duration time, OptionalDouble within, long peakBytes) {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Pattern TOOK = Pattern.compile("^(?:Loaded|Copied) .* in ([0-9.]+) s\\.$");

    /**
     * Runs it and shows what it prints.
     *
     * @throws Failure if it fails, or when a shutdown is requested, which ends it
     */
    public static CommandRun of(
            Path logs,
            Map<String, String> environment,
            PrintStream out,
            Shutdown shutdown,
            String command,
            String... options) {
        long startedAt = System.nanoTime();
        try (HeadwaterProcess process = HeadwaterProcess.start(logs, environment, command, options);
                Output output = new Output(command, new GrowingFile(logs.resolve(command + ".out")), out)) {
            long peak = 0;
            while (process.alive()) {
                shutdown.check();
                peak = ProcessUsage.peakBytes(process.pid()).orElse(peak);
                output.show();
                shutdown.await(LOOK);
            }
            process.awaitSuccess();
            Duration time = Duration.ofNanos(System.nanoTime() - startedAt);
            output.show();
            return new CommandRun(command, time, output.within, peak);
        }
    }

    /** Such as {@code backfill 31.2 s (27.9 s within)}. */
    @Override
    public String toString() {
        String whole = String.format("%s %.1f s", command, time.toNanos() / 1e9);
        return within.isEmpty() ? whole : whole + String.format(" (%.1f s within)", within.getAsDouble());
    }

    /** What the command prints, as it comes. */
    private static final class Output implements AutoCloseable {
        private final String command;
        private final GrowingFile file;
        private final PrintStream out;
        private OptionalDouble within = OptionalDouble.empty();

        Output(String command, GrowingFile file, PrintStream out) {
            this.command = command;
            this.file = file;
            this.out = out;
        }

        void show() {
            for (String line : file.lines()) {
                out.println("  " + command + ": " + line);
                Matcher took = TOOK.matcher(line);
                if (took.matches()) {
                    within = OptionalDouble.of(Double.parseDouble(took.group(1)));
                }
            }
        }

        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
