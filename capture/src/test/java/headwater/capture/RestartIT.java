package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.Pipeline;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What survives when capture, PostgreSQL or their connection ends at any moment. */
class RestartIT {
    private static final String TABLE = "CREATE TABLE $.a (id int PRIMARY KEY, v text)";

    private static final int KILLS = Integer.getInteger("headwater.captureKills", 10);

    @TempDir
    private Path folder;

    @Test
    void everyChangeIsWrittenOnceAcrossStops() throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 42)) {
            Pipeline pipeline = source.pipeline(folder);
            for (int run = 0; run < 3; run++) {
                try (RunningCapture capture = new RunningCapture(pipeline)) {
                    capture.awaitCommits(3);
                }
            }
            traffic.stop();

            try (RunningCapture capture = new RunningCapture(pipeline)) {
                AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));
            }
        }
    }

    /** Each kill comes at a random moment after one of the first three commits has begun. */
    @Test
    void everyChangeIsWrittenOnceAcrossKills() throws Exception {
        Random random = new Random(KILLS);
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 43)) {
            Path lake = folder.resolve("lake");
            int withinCommit = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                try (CaptureProcess capture = new CaptureProcess(folder, source, "root: \"file:" + lake + "\"")) {
                    capture.awaitCommits(1 + random.nextInt(3));
                    LockSupport.parkNanos(random.nextInt(400_000_000));
                    withinCommit += capture.kill() ? 1 : 0;
                }
            }
            traffic.stop();

            try (RunningCapture capture = new RunningCapture(source.pipeline(lake))) {
                int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));
                System.out.printf(
                        "capture killed: %d times under %d changes, %d between Committing and Committed%n",
                        KILLS, changes, withinCommit);
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
        try (TestingSource source = AuditedTraffic.source();
                RunningCapture capture = new RunningCapture(source.pipeline(folder))) {
            source.execute("INSERT INTO $.a VALUES (1, 'before')");
            capture.awaitAll(source);

            assertThat(source.terminate("SELECT active_pid FROM pg_replication_slots WHERE slot_name = '$'"))
                    .isOne();
            source.execute("INSERT INTO $.a VALUES (2, 'walsender gone')");
            capture.awaitAll(source);
            assertThat(source.terminate("SELECT pid FROM pg_locks WHERE locktype = 'advisory'"))
                    .isOne();
            source.execute("INSERT INTO $.a VALUES (4, 'claim gone')");
            capture.await(() -> captures(source) == 1);
            capture.awaitAll(source);
            EmbeddedPostgres postgres = TestingServers.postgres();
            postgres.kill();
            postgres.restart();
            source.reconnect();
            source.execute("INSERT INTO $.a VALUES (3, 'server killed')");

            AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));
        }
    }

    @Test
    void changesAreWrittenToS3AndTheSlotIsConfirmedAfterThem() throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = AuditedTraffic.source()) {
            Pipeline pipeline = source.pipeline(s3);
            for (int run = 1; run <= 2; run++) {
                try (RunningCapture capture = new RunningCapture(pipeline)) {
                    source.execute("INSERT INTO $.a VALUES (" + run + ", 'x')");

                    AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));
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
            source.dropSlot();
            RunningCapture without = new RunningCapture(pipeline);
            assertThatThrownBy(without::join).hasMessageContaining("does not exist. Run \"headwater setup\"");

            source.execute("INSERT INTO $.a VALUES (1, 'lost')");
            source.createSlot();
            RunningCapture later = new RunningCapture(pipeline);

            assertThatThrownBy(later::join).hasMessageContaining("the changes between are lost");
        }
    }

    /** How many sessions hold the claim on a slot. */
    private static long captures(TestingSource source) {
        try {
            return Long.parseLong(source.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Lsn confirmed(TestingSource source) {
        try {
            return Lsn.parse(
                    source.value("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '$'"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
