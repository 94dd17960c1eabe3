package headwater.lake.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.SourceTable;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Secret;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What stands in the way of a snapshot is named, leaves no slot behind, and is no more in the way once it is gone. */
class SourceExportIT {
    private static final List<SourceTable> TABLES = List.of(new SourceTable("public", "orders"));

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws SQLException {
        postgres =
                EmbeddedPostgres.start(Path.of("target", "source-export").toAbsolutePath(), "max_replication_slots=2");
        execute("CREATE TABLE orders (id bigint PRIMARY KEY)");
        execute("GRANT SELECT ON orders TO " + EmbeddedPostgres.USER);
        execute("CREATE ROLE reader LOGIN PASSWORD 'r' REPLICATION");
        execute("CREATE ROLE copier LOGIN PASSWORD 'c'");
        execute("GRANT SELECT ON orders TO copier");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @AfterEach
    void theNextOneWorksAndNoSlotStays() throws SQLException {
        try (SourceExport export = open(headwater())) {
            assertThat(export.lsn()).isPositive();
            export.end();
        }
        awaitNoSlot();
    }

    @Test
    void aLockOfAnotherSessionIsNamed() throws SQLException {
        try (Connection other = postgres.openAsSuperuser();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");

            assertThatThrownBy(() -> open(headwater()))
                    .isInstanceOf(Failure.class)
                    .hasMessageStartingWith(
                            "Cannot read the tables of the source: after 1 s another session still holds")
                    .hasMessageContaining("pid " + pid(other) + " of ")
                    .hasMessageContaining(" on orders");
        }
    }

    @Test
    void anOpenTransactionIsNamed() throws SQLException {
        try (Connection other = postgres.openAsSuperuser();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("INSERT INTO orders VALUES (1)");

            assertThatThrownBy(() -> open(headwater()))
                    .hasMessageContaining("it has to wait for transactions that were open before, and after 1 s")
                    .hasMessageContaining("pid " + pid(other) + " of ");
            other.rollback();
        }
    }

    @Test
    void slotsThatAreAllInUseAreNamed() throws SQLException {
        execute("SELECT pg_create_logical_replication_slot('one', 'pgoutput')");
        execute("SELECT pg_create_logical_replication_slot('two', 'pgoutput')");

        try {
            assertThatThrownBy(() -> open(headwater()))
                    .hasMessageContaining("all replication slots are in use")
                    .hasMessageContaining("raise max_replication_slots");
        } finally {
            execute("SELECT pg_drop_replication_slot('one')");
            execute("SELECT pg_drop_replication_slot('two')");
        }
    }

    @Test
    void aRoleWithoutRightsIsToldWhichItNeeds() {
        assertThatThrownBy(() -> open(source("copier", "c")))
                .hasMessageContaining("ALTER ROLE copier REPLICATION")
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> open(source("reader", "r")))
                .hasMessageContaining("permission denied for table orders")
                .hasMessageContaining("needs SELECT");
    }

    @Test
    void aSecondBackfillIsRefused() {
        try (SourceExport first = open(headwater())) {
            assertThatThrownBy(() -> open(headwater())).hasMessageContaining("another backfill of this pipeline");
            first.end();
        }
    }

    @Test
    void aSnapshotIsKeptForTheNextBackfillAndNotForLong() throws SQLException {
        long first;
        try (SourceExport export = open(headwater())) {
            first = export.lsn();
        }
        execute("SELECT pg_logical_emit_message(true, 'moves', 'the LSN')");
        try (SourceExport export = open(headwater())) {
            assertThat(export.lsn()).isEqualTo(first);
        }
        // --keep-snapshot 2s
        awaitNoSlot();
        try (SourceExport export = open(headwater())) {
            assertThat(export.lsn()).isGreaterThan(first);
            export.end();
        }
    }

    @Test
    void aSnapshotThatPostgresEndedIsTakenAnew() throws SQLException {
        long first;
        try (SourceExport export = open(headwater())) {
            first = export.lsn();
            execute("SELECT pg_logical_emit_message(true, 'moves', 'the LSN')");
            execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE temporary");
        }
        try (SourceExport export = open(headwater())) {
            assertThat(export.lsn()).isGreaterThan(first);
            export.end();
        }
    }

    private static SourceExport open(SourceSettings source) {
        LoadLimits limits =
                CommandLine.populateCommand(new LoadLimits(), "--lock-timeout", "1s", "--keep-snapshot", "2s");
        return SourceExport.open("source-export", source, TABLES, limits);
    }

    private static SourceSettings headwater() {
        return source(EmbeddedPostgres.USER, postgres.password());
    }

    private static SourceSettings source(String user, String password) {
        return new SourceSettings(
                postgres.url(), user, new Secret(password), "headwater", false, "headwater", "disable", "");
    }

    private static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void awaitNoSlot() throws SQLException {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        try (Connection connection = postgres.openAsSuperuser();
                Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet row =
                        statement.executeQuery("SELECT count(*) FROM pg_replication_slots WHERE temporary")) {
                    row.next();
                    if (row.getInt(1) == 0) {
                        return;
                    }
                }
                assertThat(Instant.now()).as("no temporary slot is left").isBefore(deadline);
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = postgres.openAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
