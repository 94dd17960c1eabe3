package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What survives when capture, PostgreSQL or their connection ends at any moment. */
class RestartIT {
    private static final String TABLE = "CREATE TABLE $.a (id int PRIMARY KEY, v text)";

    @TempDir
    private Path folder;

    @Test
    void everyChangeIsWrittenOnceAcrossStopsAndKills() throws Exception {
        try (TestingSource source = audited();
                Traffic traffic = new Traffic(source, 42)) {
            Pipeline pipeline = source.pipeline(folder.resolve("lake"));
            for (int run = 0; run < 2; run++) {
                try (RunningCapture capture = new RunningCapture(pipeline)) {
                    awaitVersions(capture, 3);
                }
            }
            kill(source);

            try (RunningCapture capture = new RunningCapture(pipeline)) {
                awaitVersions(capture, 3);
                traffic.stop();

                assertThat(changes(capture.awaitAll(source)))
                        .containsExactlyElementsOf(source.query("SELECT tx, op, id FROM $.audit ORDER BY n"));
            }
        }
    }

    @Test
    void aTransactionThatBeganBeforeTheLastCommittedOneIsNotSkipped() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                Connection early = source.open();
                Statement first = early.createStatement()) {
            Pipeline pipeline = source.pipeline(folder);
            early.setAutoCommit(false);
            try (RunningCapture capture = new RunningCapture(pipeline)) {
                source.transaction("INSERT INTO $.a VALUES (1, 'late begin, early commit')");
                // stands at the very LSN where the other transaction ends
                first.execute("INSERT INTO " + source.name() + ".a VALUES (2, 'early begin, late commit')");
                capture.await(() -> capture.reader().changes().size() == 1);
            }
            early.commit();

            try (RunningCapture capture = new RunningCapture(pipeline)) {
                assertThat(capture.awaitAll(source))
                        .extracting("key")
                        .containsExactly("{\"id\":\"1\"}", "{\"id\":\"2\"}");
            }
        }
    }

    @Test
    void captureStartsWhileAnApplicationKeepsATableForItself() throws Exception {
        try (TestingSource source =
                        new TestingSource(List.of("a", "b"), TABLE, "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)");
                Connection application = source.open();
                Statement alone = application.createStatement()) {
            application.setAutoCommit(false);
            alone.execute("TRUNCATE " + source.name() + ".a");
            try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
                source.execute("INSERT INTO $.b VALUES (1, 'x')");

                assertThat(capture.awaitAll(source)).extracting("op").containsExactly("c");
                application.commit();
                assertThat(capture.awaitAll(source)).extracting("op").containsExactly("c", "t");
            }
        }
    }

    @Test
    void aBrokenConnectionAndARestartedServerAreSurvived() throws Exception {
        try (TestingSource source = audited();
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 'before')");
            capture.awaitAll(source);

            try (Connection superuser = TestingServers.postgres().openAsSuperuser();
                    Statement statement = superuser.createStatement()) {
                statement.execute(
                        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                                + source.name() + "'");
            }
            source.execute("INSERT INTO $.a VALUES (2, 'walsender gone')");
            capture.awaitAll(source);
            EmbeddedPostgres postgres = TestingServers.postgres();
            postgres.kill();
            postgres.restart();
            source.reconnect();
            source.execute("INSERT INTO $.a VALUES (3, 'server killed')");

            assertThat(changes(capture.awaitAll(source)))
                    .containsExactlyElementsOf(source.query("SELECT tx, op, id FROM $.audit ORDER BY n"));
        }
    }

    @Test
    void changesAreWrittenToS3AndTheSlotIsConfirmedAfterThem() throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = audited()) {
            Pipeline pipeline = source.pipeline(s3);
            for (int run = 1; run <= 2; run++) {
                try (RunningCapture capture = new RunningCapture(pipeline)) {
                    source.execute("INSERT INTO $.a VALUES (" + run + ", 'x')");

                    assertThat(changes(capture.awaitAll(source)))
                            .containsExactlyElementsOf(source.query("SELECT tx, op, id FROM $.audit ORDER BY n"));
                    long reached = capture.reached();
                    RunningCapture.await(() -> confirmed(source).value() >= reached, Duration.ofSeconds(20));
                    assertThat(confirmed(source).value()).isLessThanOrEqualTo(capture.reached());
                }
            }
        }
    }

    @Test
    void thePositionMovesOnAnIdleSource() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            long start = Lsn.parse(source.value("SELECT pg_current_wal_insert_lsn()"))
                    .value();

            capture.await(() -> capture.reached() > start);

            assertThat(capture.reader().changes()).isEmpty();
            RunningCapture.await(() -> confirmed(source).value() > start, Duration.ofSeconds(20));
        }
    }

    @Test
    void aSecondCaptureOnTheSlotIsRefused() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE);
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            capture.awaitAll(source);
            RunningCapture second = new RunningCapture(source.pipeline(folder));

            assertThatThrownBy(second::join)
                    .hasMessageContaining("Cannot start capture: the slot \"" + source.name() + "\" is active for PID")
                    .hasMessageContaining("Is a second capture running on it?");
        }
    }

    @Test
    void aMissingSlotIsNotMadeAnewAndALaterOneIsRefused() throws Exception {
        try (TestingSource source = new TestingSource(List.of("a"), TABLE)) {
            Pipeline pipeline = source.pipeline(folder);
            try (RunningCapture capture = new RunningCapture(pipeline)) {
                capture.awaitAll(source);
            }
            source.execute("SELECT pg_drop_replication_slot('$')");
            RunningCapture without = new RunningCapture(pipeline);
            assertThatThrownBy(without::join).hasMessageContaining("does not exist. Run \"headwater setup\"");

            source.execute("INSERT INTO $.a VALUES (1, 'lost')");
            source.createSlot();
            RunningCapture later = new RunningCapture(pipeline);

            assertThatThrownBy(later::join).hasMessageContaining("the changes between are lost");
        }
    }

    /** Two tables whose every change a trigger writes down, in the order of commit as long as one session changes them. */
    private static TestingSource audited() throws SQLException {
        return new TestingSource(
                List.of("a", "b"),
                TABLE,
                "CREATE TABLE $.b (LIKE $.a INCLUDING ALL)",
                "CREATE TABLE $.audit (n bigint GENERATED ALWAYS AS IDENTITY, tx bigint, op text, id int)",
                """
                CREATE FUNCTION $.audit() RETURNS trigger LANGUAGE plpgsql AS ' BEGIN
                  INSERT INTO $.audit (tx, op, id) VALUES (pg_current_xact_id()::text::bigint,
                    CASE TG_OP WHEN ''INSERT'' THEN ''c'' WHEN ''UPDATE'' THEN ''u'' ELSE ''d'' END, coalesce(NEW.id, OLD.id));
                  RETURN NULL; END '""",
                "CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON $.a FOR EACH ROW EXECUTE FUNCTION $.audit()",
                "CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON $.b FOR EACH ROW EXECUTE FUNCTION $.audit()");
    }

    private static List<List<String>> changes(List<Map<String, Object>> rows) {
        return rows.stream()
                .map(row -> List.of(
                        row.get("tx_id").toString(),
                        row.get("op").toString(),
                        row.get("key").toString().replaceAll("\\D", "")))
                .toList();
    }

    private static Lsn confirmed(TestingSource source) {
        try {
            return Lsn.parse(
                    source.value("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '$'"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long version(RunningCapture capture) {
        return capture.reader()
                .snapshot()
                .map(snapshot -> snapshot.getVersion())
                .orElse(0L);
    }

    private static void awaitVersions(RunningCapture capture, int more) {
        long start = version(capture);
        capture.await(() -> version(capture) >= start + more);
    }

    /** Runs capture in a JVM of its own and kills it while it commits. */
    private void kill(TestingSource source) throws Exception {
        Path yaml = folder.resolve("pipeline.yaml");
        Files.writeString(yaml, source.yaml("root: \"file:" + folder.resolve("lake") + "\"", 16 << 20));
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dheadwater.logs=" + folder,
                "-Dheadwater.process=capture",
                "-cp",
                System.getProperty("java.class.path"),
                Capture.class.getName(),
                "capture",
                "--pipeline",
                yaml.toString());
        java.environment().put("PW", source.password());
        java.redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile());
        Process process = java.start();
        try {
            RunningCapture.await(() -> commitsBegun(process) >= 3, Duration.ofSeconds(60));
        } finally {
            process.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
    }

    private long commitsBegun(Process process) {
        assertThat(process.isAlive()).isTrue();
        Path log = folder.resolve("capture.log");
        try {
            return Files.exists(log)
                    ? Files.readAllLines(log).stream()
                            .filter(line -> line.contains("Committing raw batch"))
                            .count()
                    : 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Transactions of one to forty changes, one after the other, until it is closed. */
    private static final class Traffic implements AutoCloseable {
        private final AtomicBoolean stop = new AtomicBoolean();
        private final CompletableFuture<Void> run;

        Traffic(TestingSource source, long seed) {
            run = CompletableFuture.runAsync(
                    () -> {
                        try (Connection connection = source.open();
                                Statement statement = connection.createStatement()) {
                            connection.setAutoCommit(false);
                            Random random = new Random(seed);
                            while (!stop.get()) {
                                transaction(statement, source.name(), random);
                                connection.commit();
                            }
                        } catch (SQLException e) {
                            throw new IllegalStateException("seed " + seed, e);
                        }
                    },
                    task -> new Thread(task, "traffic").start());
        }

        private static void transaction(Statement statement, String schema, Random random) throws SQLException {
            for (int change = 1 + random.nextInt(40); change > 0; change--) {
                String table = schema + (random.nextBoolean() ? ".a" : ".b");
                int id = random.nextInt(1000);
                statement.execute(
                        random.nextInt(4) == 0
                                ? "DELETE FROM " + table + " WHERE id = " + id
                                : "INSERT INTO " + table + " VALUES (" + id
                                        + ", 'x') ON CONFLICT (id) DO UPDATE SET v = '" + random.nextInt() + "'");
            }
        }

        void stop() {
            stop.set(true);
            run.join();
        }

        @Override
        public void close() {
            stop();
        }
    }
}
