package headwater.publish.docs;

import headwater.lake.process.Home;
import headwater.lake.process.PidFile;
import headwater.publish.demo.FewRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A shell in which a reader of a page types its commands, one block after the other, with the launcher in the working
 * folder. What is started in the background lives until {@link #close()}.
 */
final class Terminal implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Path folder;
    private final Path screen;
    private final Process shell;
    private int blocks;

    /** What a block printed, with what background processes printed meanwhile. */
    record Ran(int exitCode, String printed) {}

    /** @param folder made anew, takes the files of the page and the logs */
    Terminal(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.screen = folder.resolve("screen");
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(screen);
            Files.deleteIfExists(folder.resolve("headwater"));
            Files.createSymbolicLink(folder.resolve("headwater"), Home.folder().resolve("headwater"));
            ProcessBuilder builder = new ProcessBuilder("bash")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(screen.toFile());
            builder.environment().putAll(FewRows.environment(folder.resolve("logs")));
            builder.environment().putAll(environment);
            shell = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        type("failed=0; trap 'failed=$?' ERR");
    }

    /** Runs the commands of a block; the exit code is that of the last one that failed, 0 if none did. */
    Ran run(String commands) {
        int from = printed().length();
        String mark = "end of block " + ++blocks + ": ";
        type(commands);
        type("printf '\\n" + mark + "%s\\n' \"$failed\"; failed=0");
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            String printed = printed().substring(from);
            int end = printed.indexOf(mark);
            int line = printed.indexOf('\n', Math.max(end, 0));
            if (end >= 0 && line >= 0) {
                return new Ran(
                        Integer.parseInt(printed.substring(end + mark.length(), line)), printed.substring(0, end));
            }
            if (!shell.isAlive() || Instant.now().isAfter(deadline)) {
                throw new AssertionError("These commands did not end:\n" + commands + "\nThey printed:\n" + printed);
            }
            // another process writes the file: there is nothing to wait on
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Puts a file into the working folder. */
    void save(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts lines into a file of the working folder, below a line that is there once. */
    void insert(String name, String line, String text) {
        try {
            List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve(name)));
            lines.addAll(lines.indexOf(line) + 1, text.lines().toList());
            Files.write(folder.resolve(name), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything that was printed so far. */
    String printed() {
        try {
            return Files.readString(screen, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kill -9 of the shell and of all that it left running. */
    @Override
    public void close() {
        PidFile.kill(shell.toHandle());
    }

    private void type(String line) {
        try {
            Writer keyboard = shell.outputWriter(StandardCharsets.UTF_8);
            keyboard.write(line + "\n");
            keyboard.flush();
        } catch (IOException e) {
            throw new AssertionError("The shell has ended. It printed:\n" + printed(), e);
        }
    }
}
