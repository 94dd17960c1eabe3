package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.status.PipelineStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One case: a schema of the source, a lake and a pipeline file of its own, run by the commands as a person would. */
final class CaseRun implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** A MySQL database. */
    record Target(String url, String user, String password) {
        static Target of(EmbeddedMySql mySql) {
            return new Target(mySql.url(), EmbeddedMySql.USER, mySql.password());
        }

        static Target of(DebianMart mart) {
            return new Target(mart.url(), DebianMart.USER, DebianMart.PASSWORD);
        }
    }

    private EmbeddedPostgres postgres;
    private final Target target;
    private final Map<String, String> further;
    private final Path folder;
    private final String name;
    private final Path file;
    private HeadwaterProcess capture;

    /** A lake in a folder. */
    CaseRun(EmbeddedPostgres postgres, Target target, Path folder, String name, String tables) throws IOException {
        this(
                postgres,
                target,
                folder,
                name,
                "{root: \"file:" + folder.resolve(name).resolve("lake") + "\"}",
                Map.of(),
                tables);
    }

    /**
     * @param lake the setting {@code lake}
     * @param further environment of the processes
     * @param tables the sections {@code tables} and {@code curated}, in which {@code $} stands for the schema
     */
    CaseRun(
            EmbeddedPostgres postgres,
            Target target,
            Path folder,
            String name,
            String lake,
            Map<String, String> further,
            String tables)
            throws IOException {
        this.further = further;
        this.postgres = postgres;
        this.target = target;
        this.folder = emptied(folder.resolve(name));
        this.name = name;
        this.file = this.folder.resolve("pipeline.yaml");
        Files.writeString(
                file,
                """
                name: %s
                source: {url: "%s", user: headwater, password: "${PG}", slot: %s, publication: %s}
                lake: %s
                target: {url: "%s", user: %s, password: "${MY}"}
                capture: {flushInterval: 200ms}
                """.formatted(name, postgres.url(), name, name, lake, target.url(), target.user())
                        + tables.replace("$.", name + "."));
    }

    /** A folder with nothing in it. */
    static Path emptied(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        return Files.createDirectories(folder);
    }

    /** Each statement in a transaction of its own, as the owner of the tables. */
    void source(String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(postgres.url(), EmbeddedPostgres.USER, postgres.password());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql.replace("$.", name + "."));
            }
        }
    }

    /** Setup, load, capture and the first publication. */
    void load() throws IOException {
        assertThat(run("setup")).isZero();
        startCapture();
        assertThat(run("backfill")).as(() -> output("backfill")).isZero();
        assertThat(run("publish")).as(() -> output("publish")).isZero();
    }

    void startCapture(String... options) {
        capture = start(Map.of(), "capture", options);
    }

    /** With another heap than the default. */
    void startCapture(Map<String, String> heap) {
        capture = start(heap, "capture");
    }

    /** From now on the source is another cluster. */
    void moveTo(EmbeddedPostgres other) throws IOException {
        Files.writeString(file, Files.readString(file).replace(postgres.url(), other.url()));
        postgres = other;
    }

    /** The rows of raw/changes by their source epoch. */
    Map<String, Long> changesByEpoch() {
        Pipeline pipeline = pipeline("", "");
        return new LakeRows(pipeline.lake())
                .of(pipeline.layout().rawChanges()).stream()
                        .collect(Collectors.groupingBy(row -> row.get("source_epoch"), Collectors.counting()));
    }

    /** Names another publication than the one of the case's own name. */
    void publication(String other) throws IOException {
        Files.writeString(file, Files.readString(file).replace("publication: " + name, "publication: " + other));
    }

    void stopCapture() {
        capture.interrupt();
        capture.awaitEnd();
    }

    /** Waits for the end of a capture that stops by itself; what it printed. */
    String awaitCaptureEnd() {
        capture.awaitEnd();
        return output("capture");
    }

    /** Lets all that the source has committed arrive in MySQL. */
    void arrive() throws Exception {
        awaitRaw();
        assertThat(run("merge")).as(() -> output("merge")).isZero();
        assertThat(run("publish")).as(() -> output("publish")).isZero();
    }

    /** Waits until raw/changes holds all that the source has committed. */
    void awaitRaw() throws SQLException {
        source("SELECT pg_logical_emit_message(true, 'test.end', '')");
        long end = Lsn.parse(rows(postgres.url(), "SELECT pg_current_wal_lsn()").get(0))
                .value();
        source("SELECT pg_logical_emit_message(true, 'test.after', '')");
        await(() -> {
            capture.checkRunning();
            return status().hops().stream()
                    .anyMatch(hop -> hop.hop().equals("raw")
                            && hop.lsn() != null
                            && hop.lsn().value() >= end);
        });
    }

    PipelineStatus status() {
        return PipelineStatus.of(pipeline("", ""));
    }

    /** The pipeline with something in the place of something. */
    Pipeline pipeline(String text, String other) {
        try {
            return PipelineFile.parse(file.toString(), Files.readString(file).replace(text, other), environment()::get);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void await(java.util.function.BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("within " + PATIENCE).isBefore(deadline);
            LockSupport.parkNanos(300_000_000);
        }
    }

    /** Runs a command to its end; its exit code. */
    int run(String command, String... options) throws IOException {
        return run(Map.of(), command, options);
    }

    /** The same with further environment. */
    int run(Map<String, String> environment, String command, String... options) throws IOException {
        Files.deleteIfExists(folder.resolve("logs").resolve(command + ".out"));
        return start(environment, command, options).awaitEnd();
    }

    /** What a command has printed. */
    String output(String command) {
        try {
            return Files.readString(folder.resolve("logs").resolve(command + ".out"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What a service has logged. */
    String log(String command) {
        try {
            return Files.readString(folder.resolve("logs").resolve(command + ".log"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A published table holds exactly what a query of the source gives, value by value as texts. */
    void assertSame(String martSql, String sourceSql) throws SQLException {
        assertThat(rows(target.url(), martSql))
                .as(martSql)
                .containsExactlyInAnyOrderElementsOf(rows(postgres.url(), sourceSql.replace("$.", name + ".")));
    }

    private List<String> rows(String url, String sql) throws SQLException {
        boolean mart = url.startsWith("jdbc:mysql");
        try (Connection connection = DriverManager.getConnection(
                        url,
                        mart ? target.user() : EmbeddedPostgres.USER,
                        mart ? target.password() : postgres.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int at = 1; at <= row.getMetaData().getColumnCount(); at++) {
                    values.add(row.getString(at));
                }
                rows.add(values.stream().map(String::valueOf).collect(Collectors.joining("|")));
            }
            return rows;
        }
    }

    private HeadwaterProcess start(Map<String, String> environment, String command, String... options) {
        Map<String, String> all = new HashMap<>(environment());
        all.putAll(environment);
        List<String> arguments = new ArrayList<>(List.of("--pipeline", file.toString()));
        arguments.addAll(List.of(options));
        return HeadwaterProcess.start(folder.resolve("logs"), all, command, arguments.toArray(String[]::new));
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(further);
        environment.put("PG", postgres.password());
        environment.put("MY", target.password());
        return environment;
    }

    @Override
    public void close() throws IOException {
        if (capture != null) {
            capture.close();
        }
        run("teardown", "--drop-target");
    }
}
