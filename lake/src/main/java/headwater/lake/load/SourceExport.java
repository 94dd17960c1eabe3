package headwater.lake.load;

import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.PidFile;
import headwater.lake.process.Remedy;
import headwater.lake.process.Sql;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectOutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backfill's hold on an exported snapshot: its claim to be the pipeline's one backfill, an advisory lock of a session of its
 * own, and the {@link SnapshotExporter}, which it starts, or finds where a backfill before it was ended.
 */
public final class SourceExport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceExport.class);
    private static final String LOCK = "headwater.backfill/";

    private final SourceSettings source;
    private final Connection claim;
    private final SourceSnapshot snapshot;
    private final ExporterFile file;
    private final boolean resumed;

    private SourceExport(
            SourceSettings source, Connection claim, SourceSnapshot snapshot, ExporterFile file, boolean resumed) {
        this.source = source;
        this.claim = claim;
        this.snapshot = snapshot;
        this.file = file;
        this.resumed = resumed;
    }

    /**
     * Exports a snapshot for the load of some tables; waits for the transactions that are open in the source.
     *
     * @param pipeline its name
     * @param limits how long it waits, and how long the snapshot outlives this process
     */
    public static SourceExport open(
            String pipeline, SourceSettings source, List<SourceTable> tables, LoadLimits limits) {
        ExporterFile file = ExporterFile.of(pipeline, source);
        Connection claim = claim(source);
        try {
            Optional<SourceSnapshot> living = living(file, source, tables);
            SourceSnapshot snapshot = living.orElseGet(() -> start(new SnapshotExporter.Order(
                    source, tables, file.file().toString(), limits.keep(), limits.patience())));
            return new SourceExport(source, claim, snapshot, file, living.isPresent());
        } catch (RuntimeException e) {
            close(claim);
            throw e;
        }
    }

    SourceSettings source() {
        return source;
    }

    SourceSnapshot snapshot() {
        return snapshot;
    }

    /** The LSN at which the snapshot stands. */
    public long lsn() {
        return snapshot.lsn();
    }

    /** Whether a backfill before this one began under it. */
    public boolean resumed() {
        return resumed;
    }

    /** Ends the exporter: all that it was for is done, or cannot be done. */
    public void end() {
        file.read().flatMap(ExporterFile.Content::process).ifPresent(process -> {
            process.destroy();
            process.onExit().join();
        });
        file.delete();
    }

    /** Gives the claim back; the exporter stays for the next backfill unless {@link #end} was called. */
    @Override
    public void close() {
        close(claim);
    }

    /** Whether a backfill of the slot runs. */
    static boolean claimed(Connection connection, SourceSettings source) throws SQLException {
        String sql = """
                SELECT 1 FROM pg_locks, (SELECT hashtextextended(? || ?, 0) AS key) AS wanted
                WHERE locktype = 'advisory' AND granted AND objsubid = 1
                  AND (classid::bigint << 32 | objid::bigint) = key""";
        return new Sql(connection).any(sql, LOCK, source.slot());
    }

    private static Connection claim(SourceSettings source) {
        Connection session = source.open("-c idle_session_timeout=0");
        try {
            if (new Sql(session)
                    .one(
                            "SELECT pg_try_advisory_lock(hashtextextended(? || ?, 0))",
                            row -> row.getBoolean(1),
                            LOCK,
                            source.slot())) {
                return session;
            }
        } catch (SQLException e) {
            close(session);
            throw new Failure(Remedy.RETRY, "Cannot load: " + Failure.reason(e), e);
        }
        close(session);
        throw new Failure(
                Remedy.OPERATOR,
                "Cannot load: another backfill of this pipeline is running. Wait until it has ended, or end it.");
    }

    private static Optional<SourceSnapshot> living(ExporterFile file, SourceSettings source, List<SourceTable> tables) {
        Optional<ExporterFile.Content> found = file.read();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ExporterFile.Content content = found.get();
        Set<String> wanted = tables.stream().map(SourceTable::toString).collect(Collectors.toSet());
        if (content.url().equals(source.url())
                && Set.copyOf(content.tables()).containsAll(wanted)
                && importable(source, content.snapshot())) {
            LOG.info("Going on under the snapshot at={} pid={}", new Lsn(content.lsn()), content.pid());
            return Optional.of(content.exported());
        }
        content.process().ifPresent(PidFile::kill);
        return Optional.empty();
    }

    private static boolean importable(SourceSettings source, String snapshot) {
        try (Connection connection = source.open()) {
            new Sql(connection)
                    .run("BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '" + snapshot
                            + "'; ROLLBACK");
            return true;
        } catch (SQLException e) {
            LOG.info("The snapshot of the backfill before is gone: {}", Failure.reason(e));
            return false;
        }
    }

    private static SourceSnapshot start(SnapshotExporter.Order order) {
        try {
            Process process = process();
            try (ObjectOutputStream to = new ObjectOutputStream(process.getOutputStream())) {
                to.writeObject(order);
            }
            return answer(process);
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot start the exporter of the snapshot: " + Failure.reason(e), e);
        }
    }

    private static SourceSnapshot answer(Process process) throws IOException {
        try (BufferedReader from =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = from.readLine();
            if (line == null) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot take a snapshot of the source: the exporter ended with exit code "
                                + process.onExit().join().exitValue() + ". Its log tells more.");
            }
            String[] words = line.split(" ", -1);
            if (!words[0].equals(ExporterCommand.READY)) {
                throw new Failure(Remedy.OPERATOR, line);
            }
            return new SourceSnapshot(words[1], Long.parseLong(words[2]));
        }
    }

    private static Process process() throws IOException {
        List<String> command = new ArrayList<>();
        // in a session of its own: Ctrl-C in a terminal ends the backfill, and the next one goes on under this snapshot
        command.add("setsid");
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC"));
        for (String property : List.of("headwater.home", "headwater.logs")) {
            if (System.getProperty(property) != null) {
                command.add("-D" + property + "=" + System.getProperty(property));
            }
        }
        command.add("-Dheadwater.process=backfill-exporter");
        command.addAll(List.of("-cp", classPath(), ExporterCommand.class.getName()));
        // its log goes to a file; standard error would keep the terminal or a pipe of this process open
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** This JVM's; under spark-submit the application and its libraries are not in it, but known by their classes. */
    private static String classPath() {
        Set<String> path = new LinkedHashSet<>();
        for (Class<?> needed : List.of(ExporterCommand.class, org.postgresql.Driver.class)) {
            try {
                path.add(Path.of(needed.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        path.add(System.getProperty("java.class.path"));
        return String.join(System.getProperty("path.separator"), path);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("A session of the backfill did not close", e);
        }
    }
}
