package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedS3;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The lake's S3 server is killed under traffic and comes back. */
class S3OutageIT {
    private static final int TIMES = Integer.getInteger("headwater.kills", 1);
    private static final long MEGABYTE = 1 << 20;

    @Test
    void whatIsCommittedMeanwhileWaitsInTheSourceAndNotInTheHeap() throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 6);
                RunningCapture capture = new RunningCapture(source.pipeline(s3))) {
            for (int time = 1; time <= TIMES; time++) {
                capture.awaitCommit();
                s3.kill();
                long before = heapInUse();
                write(source, time);
                long growth = heapInUse() - before;
                s3.restart();
                Instant back = Instant.now();
                capture.awaitCommit();

                System.out.printf(
                        "S3 killed: heap grew by %d kB under 200 MB of changes, first commit %d s after it was back%n",
                        growth / 1024, Duration.between(back, Instant.now()).toSeconds());
                assertThat(growth).isLessThan(100 * MEGABYTE);
            }
            traffic.stop();

            int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));

            System.out.printf("S3 killed %d times under %d changes%n", TIMES, changes);
        }
    }

    /** 200 MB in transactions of 5 MB, which PostgreSQL keeps compressed. */
    private static void write(TestingSource source, int time) throws Exception {
        for (int transaction = 0; transaction < 40; transaction++) {
            int first = time * 10_000 + transaction * 50;
            source.execute("INSERT INTO $.a SELECT i, repeat('x', 100000) FROM generate_series(" + first + ", "
                    + (first + 49) + ") i");
        }
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
