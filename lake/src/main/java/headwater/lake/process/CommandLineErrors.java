package headwater.lake.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Prints what a command ended with: a {@link Failure} by its words, anything else as a bug with the log file that holds
 * the stack trace. Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3
 * a person must act first.
 */
public final class CommandLineErrors implements CommandLine.IExecutionExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(CommandLineErrors.class);

    /** Runs one command of a module's main class. */
    public static int execute(Object commands, String... arguments) {
        CommandLine line = new CommandLine(commands)
                .setExecutionExceptionHandler(new CommandLineErrors())
                .setCaseInsensitiveEnumValuesAllowed(true);
        setVersion(line, "headwater " + version());
        return line.execute(arguments);
    }

    private static void setVersion(CommandLine line, String version) {
        line.getCommandSpec().version(version);
        line.getSubcommands().values().forEach(command -> setVersion(command, version));
    }

    /** Of this build, as the build has written it down. */
    static String version() {
        try (InputStream text = CommandLineErrors.class.getResourceAsStream("version.txt")) {
            return new String(Objects.requireNonNull(text, "version.txt").readAllBytes(), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int handleExecutionException(Exception thrown, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (thrown instanceof Failure failure) {
            LOG.debug("The command ended with a failure", failure);
            err.println(failure.getMessage());
            return failure.exitCode();
        }
        LOG.debug("The command ended with an unexpected error", thrown);
        err.println("Unexpected " + thrown.getClass().getSimpleName() + ": " + Failure.reason(thrown)
                + "\nThis is a fault of Headwater or of something it did not foresee. The stack trace is in "
                + Home.data().resolve("logs") + ": please report it.");
        return 1;
    }
}
