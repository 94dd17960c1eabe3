package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.capture.Faults.Hold;
import headwater.capture.Faults.Written;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The source or the way to it ends at any moment, under traffic: no change is lost, repeated or out of order. */
class ConnectionFaultsIT {
    private static final int TIMES = 5;
    private static final String WALSENDER = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '$'";

    @TempDir
    private Path lake;

    @Test
    void aCommitThatTheSlotNeverHearsOfIsNotRepeated() throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 1);
                RunningCapture capture = new RunningCapture(faulty(source))) {
            for (int time = 0; time < TIMES; time++) {
                // a stream that has ended may still commit what it has
                capture.await(() -> !source.slotIsFree());
                capture.awaitCommit();
                // the entry is written before the checksum, and the slot is confirmed after both
                Hold hold = Faults.of(source.name()).hold(Written.CHECKSUM);
                capture.await(hold::held);
                assertThat(source.terminate(WALSENDER)).isOne();
                source.awaitFreeSlot();
                assertThat(source.lsn("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '$'"))
                        .isLessThan(capture.reached());
                hold.release();
            }
            end("between commit and confirmation", TIMES, source, traffic, capture);
        }
    }

    @Test
    void theSlotIsNeverAheadOfRaw() throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 2);
                RunningCapture capture = new RunningCapture(faulty(source))) {
            for (int time = 0; time < TIMES; time++) {
                // a stream that has ended may still commit what it has
                capture.await(() -> !source.slotIsFree());
                capture.awaitCommit();
                Hold hold = Faults.of(source.name()).hold(Written.LOG_ENTRY);
                capture.await(hold::held);
                assertThat(source.lsn("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '$'"))
                        .isLessThanOrEqualTo(capture.reached());
                assertThat(source.terminate(WALSENDER)).isOne();
                source.awaitFreeSlot();
                hold.release();
            }
            end("walsender terminated within a commit", TIMES, source, traffic, capture);
        }
    }

    @Test
    void aConnectionThatEndsInABigTransactionLeavesNothingOfIt() throws Exception {
        Random random = new Random(3);
        try (TestingSource source = AuditedTraffic.source();
                Wire wire = new Wire(TestingServers.postgres().port());
                RunningCapture capture = new RunningCapture(through(wire, source))) {
            source.execute("INSERT INTO $.a VALUES (0, 'before')");
            capture.awaitPosition(source);
            for (int time = 1; time <= TIMES; time++) {
                int cuts = time;
                // a transaction is about 1.5 MB, and 64 kB of it are held in memory
                wire.cutAfter(100_000 + random.nextInt(1_000_000));
                source.execute("INSERT INTO $.a SELECT i, repeat('x', 100) FROM generate_series(" + time + " * 10000, "
                        + time + " * 10000 + 9999) i");
                capture.await(() -> wire.cuts() == cuts);
                capture.awaitPosition(source);
            }

            int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));

            System.out.printf("connection cut within a transaction: hit %d times under %d changes%n", TIMES, changes);
        }
    }

    @Test
    void aTerminatedWalsenderIsReplaced() throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 4);
                RunningCapture capture = new RunningCapture(faulty(source))) {
            for (int time = 0; time < TIMES; time++) {
                capture.awaitCommit();
                // between two streams there is none
                capture.await(() -> terminated(source));
            }
            end("walsender terminated", TIMES, source, traffic, capture);
        }
    }

    @Test
    void aKilledServerIsWaitedFor() throws Exception {
        int times = Integer.getInteger("headwater.kills", 1);
        EmbeddedPostgres postgres = TestingServers.postgres();
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 5);
                RunningCapture capture = new RunningCapture(faulty(source))) {
            for (int time = 0; time < times; time++) {
                capture.awaitCommit();
                postgres.kill();
                postgres.restart();
            }
            source.reconnect();
            end("PostgreSQL killed", times, source, traffic, capture);
        }
    }

    private static void end(
            String fault, int times, TestingSource source, AuditedTraffic traffic, RunningCapture capture)
            throws Exception {
        capture.awaitCommit();
        traffic.stop();
        int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));
        System.out.printf("%s: hit %d times under %d changes%n", fault, times, changes);
    }

    private static boolean terminated(TestingSource source) {
        try {
            return source.terminate(WALSENDER) == 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Pipeline faulty(TestingSource source) {
        return source.pipeline(Faults.lake(source.name(), lake), 16 << 20);
    }

    private Pipeline through(Wire wire, TestingSource source) throws SQLException {
        String direct = ":" + TestingServers.postgres().port() + "/";
        String yaml = source.yaml("root: \"file:" + lake + "\"", 1 << 16).replace(direct, ":" + wire.port() + "/");
        return PipelineFile.parse("test", yaml, variable -> source.password());
    }
}
