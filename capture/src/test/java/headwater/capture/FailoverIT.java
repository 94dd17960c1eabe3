package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standby of PostgreSQL 17 takes over, with the slot that it kept. */
@Tag("nightly")
class FailoverIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private EmbeddedPostgres primary;
    private EmbeddedPostgres standby;

    @BeforeEach
    void aPrimaryAndItsStandby() {
        primary = EmbeddedPostgres.start(Path.of("target/it/primary").toAbsolutePath());
        standby = primary.standby(Path.of("target/it/standby").toAbsolutePath());
    }

    @AfterEach
    void stop() {
        standby.close();
        primary.close();
    }

    @Test
    void captureGoesOnAtTheStandbyThatTookOver() throws Exception {
        TestingSource source = source();
        // the primary shows capture no change that the standby does not have
        superuser(primary, "ALTER SYSTEM SET synchronized_standby_slots = 'standby'");
        superuser(primary, "SELECT pg_reload_conf()");
        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 'before')");
            capture.awaitAll(source);
            awaitSlotAtStandby(source);
        }
        source.execute("INSERT INTO $.a VALUES (2, 'not captured before')");
        awaitRows(source, 2);
        primary.kill();
        superuser(standby, "SELECT pg_promote()");
        source.failOverTo(standby);

        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (3, 'after')");

            assertThat(capture.awaitAll(source)).extracting("key").containsExactly(keys(1, 2, 3));
        }
        // the timeline is durable with the commits since: another start finds nothing to follow
        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            assertThat(capture.awaitAll(source)).hasSize(3);
        }
    }

    @Test
    void aStandbyThatLacksWhatWasCapturedIsRefused() throws Exception {
        TestingSource source = source();
        try (RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 'before')");
            capture.awaitAll(source);
            awaitSlotAtStandby(source);
            // in order: the slot has only just been made, and may not be on its disk yet
            standby.close();
            source.execute("INSERT INTO $.a VALUES (2, 'only the primary has it')");
            capture.awaitAll(source);
        }
        primary.kill();
        standby.restart();
        superuser(standby, "SELECT pg_promote()");
        source.failOverTo(standby);
        RunningCapture late = new RunningCapture(source.pipeline(folder));

        assertThatThrownBy(late::join)
                .hasMessageContaining("on timeline 1, and the source is on timeline 2 since")
                .hasMessageContaining("changes that were captured are not in the source");
    }

    private TestingSource source() throws SQLException {
        TestingSource source =
                new TestingSource(primary, List.of("a"), "CREATE TABLE $.a (id int PRIMARY KEY, v text)");
        source.execute(
                "SELECT pg_drop_replication_slot('$')",
                "SELECT pg_create_logical_replication_slot('$', 'pgoutput', failover => true)");
        return source;
    }

    /** The slot at the standby is made for good once that of the primary has passed what is running there. */
    private void awaitSlotAtStandby(TestingSource source) throws SQLException {
        try (Connection writing = primary.openAsSuperuser();
                Connection session = standby.openAsSuperuser()) {
            RunningCapture.await(
                    () -> {
                        // the server by itself writes down what is running only every 15 s
                        first(writing, "SELECT pg_log_standby_snapshot()");
                        return "1"
                                .equals(first(
                                        session,
                                        "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '" + source.name()
                                                + "' AND synced AND NOT temporary AND invalidation_reason IS NULL"));
                    },
                    PATIENCE);
        }
    }

    private void awaitRows(TestingSource source, int rows) throws SQLException {
        try (Connection session = standby.openAsSuperuser()) {
            RunningCapture.await(
                    () -> String.valueOf(rows).equals(first(session, "SELECT count(*) FROM " + source.name() + ".a")),
                    PATIENCE);
        }
    }

    private static void superuser(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection session = server.openAsSuperuser();
                Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String first(Connection session, String query) {
        try (Statement statement = session.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object[] keys(int... ids) {
        return Arrays.stream(ids).mapToObj(id -> "{\"id\":\"" + id + "\"}").toArray();
    }
}
