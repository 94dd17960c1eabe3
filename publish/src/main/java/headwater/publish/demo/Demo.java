package headwater.publish.demo;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Failure;
import headwater.lake.process.PidFile;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Starts the servers and every process of the pipeline, watches them, and proves the result. */
final class Demo {
    private static final int REPORT_PORT = 8080;
    private static final Duration CATCH_UP = Duration.ofMinutes(5);

    private final Path folder;
    private final Path logs;
    private final long rows;
    private final int changes;
    private final @Nullable Duration length;
    private final boolean pause;
    private final Shutdown shutdown;
    private final PrintStream out;
    private final Instant startedAt = Instant.now();
    private final List<HeadwaterProcess> services = new ArrayList<>();

    /**
     * @param folder takes all data and logs
     * @param rows of prescriber_drug
     * @param changes per second
     * @param length of the traffic; null for without end
     * @param pause whether to wait for Enter before the proof
     */
    Demo(
            Path folder,
            long rows,
            int changes,
            @Nullable Duration length,
            boolean pause,
            Shutdown shutdown,
            PrintStream out) {
        this.folder = folder;
        this.logs = folder.resolve("logs");
        this.rows = rows;
        this.changes = changes;
        this.length = length;
        this.pause = pause;
        this.shutdown = shutdown;
        this.out = out;
    }

    /** 0 if source and mart agree, 1 if not. */
    int run() {
        try (FileChannel file = lockFile()) {
            lock(file);
            endLeftovers();
            say("starting PostgreSQL, S3 and MySQL below " + folder);
            try (EmbeddedServers servers = EmbeddedServers.start(folder.resolve("servers"))) {
                Map<String, String> environment = servers.environment();
                writeEnvironment(environment);
                servers.s3().useInThisJvm();
                Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, environment::get);
                return runPipeline(pipeline, servers, environment);
            } finally {
                say("stopped; logs are in " + logs);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pages are there from the start, and say themselves what is not there yet; returns their port. */
    private int serveReports(Map<String, String> environment) throws IOException {
        int port = reportPort();
        services.add(HeadwaterProcess.start(logs, environment, "report", "--port", String.valueOf(port)));
        return port;
    }

    /** The usual one, or a free one where that is taken. */
    private static int reportPort() throws IOException {
        try {
            return free(REPORT_PORT);
        } catch (BindException taken) {
            return free(0);
        }
    }

    private static int free(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private int runPipeline(Pipeline pipeline, EmbeddedServers servers, Map<String, String> environment)
            throws IOException {
        try {
            say("reports at http://127.0.0.1:" + serveReports(environment)
                    + "/, from the first publication on they show what arrives");
            say("PostgreSQL " + servers.postgres().url() + "   S3 "
                    + servers.s3().url() + "   MySQL " + servers.mySql().url());
            say("to look in from another terminal: set -a; . " + folder.resolve("env") + "; ./headwater status");
            step(environment, "generating " + rows + " rows", "generate", "--rows", String.valueOf(rows));
            step(environment, "setting up publication, slot, lake and MySQL", "setup");
            load(environment);
            // it could run since setup; the slot has kept all changes, and the load has had both cores
            services.add(HeadwaterProcess.start(logs, environment, "capture"));
            services.add(HeadwaterProcess.start(logs, environment, "publish", "--every", "2s"));
            if (shutdown.requested()) {
                return 1;
            }
            say("streaming " + changes + " changes/s" + (length == null ? " until Ctrl-C" : ""));
            stream(pipeline, environment);
            return shutdown.requested() ? 1 : prove(pipeline);
        } finally {
            services.forEach(HeadwaterProcess::close);
        }
    }

    /** One Spark process loads and then merges: starting a second one would take as long as the load of few rows. */
    private void load(Map<String, String> environment) {
        if (shutdown.requested()) {
            return;
        }
        say("loading every table into raw, cleansed and curated");
        Instant start = Instant.now();
        HeadwaterProcess merge = HeadwaterProcess.start(logs, environment, "merge", "--backfill", "--every", "1s");
        services.add(merge);
        while (!shutdown.requested() && merge.output().stream().noneMatch(line -> line.startsWith("Loaded "))) {
            services.forEach(HeadwaterProcess::checkRunning);
            shutdown.await(Duration.ofMillis(200));
        }
        tookSince(start);
    }

    private void tookSince(Instant start) {
        say(String.format(
                "  took %.1f s", Duration.between(start, Instant.now()).toMillis() / 1000.0));
    }

    private void stream(Pipeline pipeline, Map<String, String> environment) {
        List<String> options = new ArrayList<>(List.of("--changes", String.valueOf(changes)));
        if (length != null) {
            options.addAll(List.of("--for", length.toSeconds() + "s"));
        }
        LiveTable table = new LiveTable(pipeline, out);
        try (HeadwaterProcess traffic =
                HeadwaterProcess.start(logs, environment, "generate", options.toArray(String[]::new))) {
            Instant shown = Instant.MIN;
            while (traffic.alive() && !shutdown.requested()) {
                services.forEach(HeadwaterProcess::checkRunning);
                if (!Instant.now().isBefore(shown.plus(LiveTable.BETWEEN))) {
                    table.show();
                    shown = Instant.now();
                }
                shutdown.await(Duration.ofMillis(200));
            }
            if (!shutdown.requested()) {
                traffic.awaitSuccess();
                traffic.output().stream()
                        .filter(line -> line.startsWith("traffic:"))
                        .forEach(this::say);
            }
        }
    }

    private int prove(Pipeline pipeline) {
        say("traffic has ended; waiting until MySQL has all of it");
        Lsn published = catchUp(pipeline);
        new LiveTable(pipeline, out).show();
        if (pause) {
            say("press Enter for the proof");
            new Scanner(System.in, java.nio.charset.StandardCharsets.UTF_8).nextLine();
        }
        MartProof proof = MartProof.of(pipeline);
        String counts = proof.rows().entrySet().stream()
                .map(table -> String.format("%s %,d rows", table.getKey(), table.getValue()))
                .collect(Collectors.joining(", "));
        say("compared row by row: " + counts);
        if (proof.agrees()) {
            say("source and mart agree at LSN " + published);
            return 0;
        }
        proof.differences().forEach(difference -> say("DIFFERENCE " + difference));
        say("source and mart differ at LSN " + published);
        return 1;
    }

    private Lsn catchUp(Pipeline pipeline) {
        return CatchUp.mark(pipeline).await(CATCH_UP, () -> {
            services.forEach(HeadwaterProcess::checkRunning);
            if (shutdown.requested()) {
                throw new Failure(Remedy.RETRY, "demo: stopped before MySQL had everything");
            }
        });
    }

    private void step(Map<String, String> environment, String what, String command, String... options) {
        if (shutdown.requested()) {
            return;
        }
        say(what);
        Instant start = Instant.now();
        try (HeadwaterProcess process = HeadwaterProcess.start(logs, environment, command, options)) {
            while (process.alive() && !shutdown.requested()) {
                services.forEach(HeadwaterProcess::checkRunning);
                shutdown.await(Duration.ofMillis(100));
            }
            if (!shutdown.requested()) {
                process.awaitSuccess();
                tookSince(start);
            }
        }
    }

    private void say(String line) {
        long seconds = Duration.between(startedAt, Instant.now()).toSeconds();
        out.printf("demo: %s   [%d:%02d]%n", line, seconds / 60, seconds % 60);
        out.flush();
    }

    private FileChannel lockFile() throws IOException {
        Files.createDirectories(folder);
        return FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private void lock(FileChannel file) throws IOException {
        // released with the channel
        if (file.tryLock() == null) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Another demo is running in " + folder + ". End it with Ctrl-C in its terminal, then start again.");
        }
    }

    private void endLeftovers() throws IOException {
        if (!Files.isDirectory(logs)) {
            return;
        }
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(".pid")) {
                    new PidFile(file).endLeftover();
                } else {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Readable by this user only: it holds the passwords of the demo's servers. */
    private void writeEnvironment(Map<String, String> environment) throws IOException {
        Path file = folder.resolve("env");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                file,
                environment.entrySet().stream()
                        .map(entry -> entry.getKey() + "='" + entry.getValue() + "'\n")
                        .collect(Collectors.joining()));
    }
}
