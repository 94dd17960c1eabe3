package headwater.publish.bench.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.GrowingFile;
import headwater.publish.bench.ProcessUsage;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One life of capture, or of the bare engine, in a JVM of its own: from the moment that PostgreSQL streams to it, or that
 * it is warm, until it logs that it has everything.
 */
final class EngineRun implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final String BARE = "bare-engine";

    private final HeadwaterProcess process;
    private final GrowingFile log;
    private final HeapLog heap;
    private final List<CommitLine> commits = new ArrayList<>();
    private final Map<Lsn, Instant> discarded = new HashMap<>();
    private Instant startedAt;
    private ProcessUsage atStart;

    private EngineRun(
            BenchSource source, Path logs, Map<String, String> environment, Shutdown shutdown, String... command)
            throws SQLException {
        Path collections = logs.resolve("gc.log");
        create(logs);
        this.log = new GrowingFile(logs.resolve(command[0] + ".log"));
        this.heap = new HeapLog(collections);
        Map<String, String> all = new HashMap<>(environment);
        // as the launcher starts it for a user, and a log of its collections
        all.merge("HEADWATER_JVM", HeapLog.option(collections), (given, option) -> option + " " + given);
        this.process = HeadwaterProcess.start(
                logs,
                all,
                command[0],
                List.of(command).subList(1, command.length).toArray(String[]::new));
        while (!source.streaming()) {
            look(shutdown);
        }
        this.startedAt = Instant.now();
        this.atStart = ProcessUsage.of(process.pid());
    }

    /** Starts capture and waits until it streams. */
    static EngineRun capture(BenchSource source, Path logs, String lake, Shutdown shutdown, String... options)
            throws SQLException {
        List<String> command = new ArrayList<>(List.of("capture"));
        command.addAll(List.of(options));
        return new EngineRun(source, logs, source.environment(lake), shutdown, command.toArray(String[]::new));
    }

    /** Starts the bare engine, which tells of its arrival at each of the LSNs, and waits until it streams. */
    static EngineRun bare(BenchSource source, Path logs, Shutdown shutdown, Lsn... marks) throws SQLException {
        String list = Arrays.stream(marks).map(Lsn::toString).collect(Collectors.joining(","));
        return new EngineRun(source, logs, source.environment("bare"), shutdown, BARE, "--marks", list);
    }

    /** Waits until everything up to the LSN has arrived; only what follows counts. */
    EngineRun warmedUpTo(Lsn mark, Shutdown shutdown) {
        startedAt = arrival(mark, shutdown);
        atStart = ProcessUsage.of(process.pid());
        return this;
    }

    /**
     * Waits until everything up to the LSN has arrived; what it took.
     *
     * @param events so many, unless commits tell
     */
    CaptureFigures await(Lsn end, long events, Shutdown shutdown) {
        Instant endedAt = arrival(end, shutdown);
        ProcessUsage usage = ProcessUsage.of(process.pid());
        return new CaptureFigures(
                commits.isEmpty() ? events : rowsSince(startedAt),
                Duration.between(startedAt, endedAt),
                usage.cpu().minus(atStart.cpu()),
                usage.peakBytes(),
                heap.peak(),
                heap.peakLive(),
                List.copyOf(commits));
    }

    /** The commit that passed the warm-up holds rows behind it, which are not counted. */
    private long rowsSince(Instant start) {
        return commits.stream()
                .filter(commit -> commit.at().isAfter(start))
                .mapToLong(CommitLine::rows)
                .sum();
    }

    /** The commits so far. */
    List<CommitLine> commits() {
        read();
        return List.copyOf(commits);
    }

    /** The collections so far. */
    List<HeapLog.Collection> collections() {
        return heap.collections();
    }

    /** Asks for a full collection, which the log of collections then tells; does not wait for it. */
    void collect() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            new ProcessBuilder(jcmd, String.valueOf(process.pid()), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if the process has ended. */
    void checkRunning() {
        process.checkRunning();
    }

    @Override
    public void close() {
        process.close();
        try {
            log.close();
            heap.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Instant arrival(Lsn end, Shutdown shutdown) {
        Optional<Instant> arrival = reached(end);
        while (arrival.isEmpty()) {
            look(shutdown);
            arrival = reached(end);
        }
        return arrival.get();
    }

    private Optional<Instant> reached(Lsn end) {
        read();
        return Optional.ofNullable(discarded.get(end))
                .or(() -> commits.stream()
                        .filter(commit -> !end.isAfter(commit.to()))
                        .findFirst()
                        .map(CommitLine::at));
    }

    private void read() {
        for (String line : log.lines()) {
            CommitLine.of(line).ifPresent(commits::add);
            if (line.contains("Discarded everything")) {
                Lsn mark = Lsn.parse(line.substring(line.indexOf(" to=") + " to=".length()));
                discarded.put(mark, Instant.parse(line.substring(0, line.indexOf(' '))));
            }
        }
    }

    private void look(Shutdown shutdown) {
        shutdown.check();
        checkRunning();
        shutdown.await(LOOK);
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
