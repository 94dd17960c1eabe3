package headwater.publish.demo;

import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.PidFile;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One Headwater command in a JVM of its own, started through the launcher as a person would. */
public final class HeadwaterProcess implements AutoCloseable {
    private final String command;
    private final Path output;
    private final Process process;

    private HeadwaterProcess(String command, Path output, Process process) {
        this.command = command;
        this.output = output;
        this.process = process;
    }

    /**
     * Starts a command.
     *
     * @param environment added to this JVM's own
     * @param logs folder of its log file and of {@code <command>.out}, which takes what it prints
     */
    public static HeadwaterProcess start(
            Path logs, Map<String, String> environment, String command, String... options) {
        List<String> line = new ArrayList<>(List.of(
                // in a session of its own, so that Ctrl-C in a terminal reaches the demo alone, which then stops it in
                // order
                "setsid",
                // a shell that runs this JVM in the background may have told it to ignore Ctrl-C, and a child would
                // inherit that
                "env",
                "--default-signal=INT",
                Home.folder().resolve("headwater").toString(),
                command));
        line.addAll(List.of(options));
        Path output = logs.resolve(command + ".out");
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment(logs));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(logs);
            Process process = builder.start();
            new PidFile(logs.resolve(command + ".pid")).write(process.toHandle());
            return new HeadwaterProcess(command, output, process);
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot start " + line.get(0) + ": " + e.getMessage(), e);
        }
    }

    /** What a command of this build needs to run beside others for some minutes; {@code logs} takes its log file. */
    public static Map<String, String> environment(Path logs) {
        // the second compiler would cost more than its code gives back in minutes on few cores; without it the room for
        // code has to be named, or Spark fills it and is interpreted from then on
        String jvm = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC -XX:NewRatio=1";
        return Map.of(
                "HEADWATER_LOGS", logs.toString(),
                "HEADWATER_JVM", System.getenv().getOrDefault("HEADWATER_JVM", jvm),
                // this JVM comes from the same build
                "HEADWATER_BUILT", "true");
    }

    /** Waits for its end; anything but exit code 0 is a failure that quotes its last lines. */
    public void awaitSuccess() {
        int exitCode = awaitEnd();
        if (exitCode != 0) {
            throw failure("ended with exit code " + exitCode);
        }
    }

    /** Waits for its end and returns the exit code. */
    public int awaitEnd() {
        return process.onExit().join().exitValue();
    }

    /** SIGINT, which is Ctrl-C. */
    public void interrupt() {
        signal("INT");
    }

    /** SIGSTOP: it stands still until {@link #resume}. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Fails if it has ended: a service must not. */
    public void checkRunning() {
        if (!process.isAlive()) {
            throw failure("stopped with exit code " + process.exitValue());
        }
    }

    public boolean alive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Everything it printed so far. */
    public List<String> output() {
        try (Stream<String> lines = Files.lines(output, StandardCharsets.UTF_8)) {
            return lines.toList();
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot read " + output + ": " + e.getMessage(), e);
        }
    }

    /** kill -9. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** SIGTERM, as Ctrl-C; kill -9 if it has not ended after 40 s. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(40).toSeconds(), TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    private Failure failure(String what) {
        List<String> lines = output();
        String end = String.join("\n  ", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
        return new Failure(
                Remedy.OPERATOR, "\"headwater " + command + "\" " + what + ". It printed (" + output + "):\n  " + end);
    }
}
