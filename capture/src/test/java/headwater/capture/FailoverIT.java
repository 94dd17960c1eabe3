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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standby of PostgreSQL 17 takes over, with the slot that it kept. */
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
            standby.kill();
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

    private void awaitSlotAtStandby(TestingSource source) {
        awaitAtStandby("SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name = '" + source.name()
                + "' AND synced AND NOT temporary AND invalidation_reason IS NULL");
    }

    private void awaitRows(TestingSource source, int rows) {
        awaitAtStandby("SELECT count(*) = " + rows + " FROM " + source.name() + ".a");
    }

    private void awaitAtStandby(String condition) {
        RunningCapture.await(
                () -> {
                    try {
                        // what the worker of sync_replication_slots does, which sleeps up to 30 s between two looks
                        superuser(standby, "SELECT pg_sync_replication_slots()");
                        return superuser(standby, condition).equals("t");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                PATIENCE);
    }

    private static String superuser(EmbeddedPostgres server, String sql) throws SQLException {
        try (Connection connection = server.openAsSuperuser();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static Object[] keys(int... ids) {
        return Arrays.stream(ids).mapToObj(id -> "{\"id\":\"" + id + "\"}").toArray();
    }
}
