package headwater.lake.embedded;

import headwater.lake.process.Failure;
import headwater.lake.process.PidFile;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One server as a child process: its output goes to a log file, its pid to a file beside it.
 */
final class ServerProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int FIRST_PORT = 10_000;
    /** The first of net.ipv4.ip_local_port_range, as Linux sets it. */
    private static final int FIRST_EPHEMERAL_PORT = 32_768;

    private final String name;
    private final Path log;
    private final Process process;

    private ServerProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /** Starts a command; {@code folder} takes its log and pid file. */
    static ServerProcess start(String name, Path folder, List<String> command, Map<String, String> environment) {
        Path log = folder.resolve(name + ".log");
        // in a session of its own: Ctrl-C in a terminal must reach whoever started it, not the server
        List<String> own = new ArrayList<>(List.of("setsid"));
        own.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(own)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            new PidFile(folder.resolve(name + ".pid")).write(process.toHandle());
            return new ServerProcess(name, log, process);
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs a command to its end, for preparing a server. */
    static void run(String name, Path folder, List<String> command, Map<String, String> environment) {
        ServerProcess running = start(name, folder, command, environment);
        try {
            if (!running.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                running.kill();
                throw running.failure("did not end within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            running.kill();
            throw running.failure("was interrupted");
        }
        if (running.process.exitValue() != 0) {
            throw running.failure("ended with exit code " + running.process.exitValue());
        }
    }

    /** Ends the process of an earlier run, if it still lives. */
    static void endLeftover(String name, Path folder) {
        new PidFile(folder.resolve(name + ".pid")).endLeftover();
    }

    /** Waits until the server answers; fails with the end of its log when it dies or takes too long. */
    ServerProcess awaitReady(BooleanSupplier ready) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!ready.getAsBoolean()) {
            if (!process.isAlive()) {
                throw failure("ended with exit code " + process.exitValue());
            }
            if (Instant.now().isAfter(deadline)) {
                kill();
                throw failure("did not answer within " + PATIENCE.toSeconds() + " s");
            }
            pause();
        }
        return this;
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** kill -9, with all child processes. */
    void kill() {
        PidFile.kill(process.toHandle());
        // the handle asks the system, alive() this JVM's reaper, which may learn of the end a moment later
        process.onExit().join();
    }

    /** Asks the server to end with a signal, such as {@code INT}; kills it when it does not. */
    void stop(String signal) {
        if (!process.isAlive()) {
            return;
        }
        try {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (IOException e) {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
    }

    /**
     * A loopback port on which nobody listens. Below those that the system gives to outgoing connections: such a one could
     * be taken while the server is prepared or down. Of a wide range at random, so that tests side by side do not meet.
     */
    static int freePort() {
        BindException taken = null;
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, FIRST_EPHEMERAL_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                taken = e;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new Failure(Remedy.OPERATOR, "Cannot find a free port of " + InetAddress.getLoopbackAddress(), taken);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Remedy.OPERATOR, "Interrupted while a server was starting", e);
        }
    }

    private Failure failure(String what) {
        String end;
        try {
            List<String> lines = Files.readAllLines(log);
            end = String.join("\n  ", lines.subList(Math.max(0, lines.size() - 8), lines.size()));
        } catch (IOException e) {
            end = "(no log: " + e.getMessage() + ")";
        }
        return new Failure(
                Remedy.OPERATOR,
                "The embedded server " + name + " " + what + ". Its log " + log + " ends with:\n  " + end);
    }
}
