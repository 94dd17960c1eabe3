package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.Pipeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lake's S3 server is killed under traffic and comes back. */
class S3OutageIT {
    private static final int TIMES = Integer.getInteger("headwater.kills", 1);
    private static final int WIDTH = 100_000;
    private static final int CHANGES = 2_000;
    private static final long MEGABYTE = 1 << 20;

    @Test
    void whatIsCommittedMeanwhileWaitsInTheSourceAndNotInTheHeap() throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 6);
                RunningCapture capture = new RunningCapture(pipeline(source, s3))) {
            for (int time = 1; time <= TIMES; time++) {
                capture.awaitCommit();
                s3.kill();
                long killed = System.nanoTime();
                long heap = heapInUse();
                long changes = changes(source);
                long attempts = attempts();
                traffic.widen(WIDTH);
                RunningCapture.await(() -> changes(source) > changes + CHANGES, Duration.ofMinutes(2));
                traffic.widen(10);
                long waiting = (changes(source) - changes) * WIDTH / MEGABYTE;
                capture.await(() -> attempts() > attempts);
                long growth = heapInUse() - heap;
                System.out.printf(
                        "S3 killed: reported after %d s, heap grew by %d kB under %d MB of changes%n",
                        Duration.ofNanos(System.nanoTime() - killed).toSeconds(), growth / 1024, waiting);
                assertThat(growth).as("growth of the heap in bytes").isLessThan(100 * MEGABYTE);
                s3.restart();
                capture.awaitCommit();
            }
            traffic.stop();

            int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));

            System.out.printf("S3 killed: %d times under %d changes%n", TIMES, changes);
        }
    }

    /** Hadoop by itself tries for 20 s before it says that the store is away. */
    private static Pipeline pipeline(TestingSource source, EmbeddedS3 s3) {
        return source.pipeline(
                source.lake(s3).replace("options: {", "options: {fs.s3a.attempts.maximum: 1, fs.s3a.retry.limit: 1, "),
                16 << 20);
    }

    private static long changes(TestingSource source) {
        try {
            return Long.parseLong(source.value("SELECT count(*) FROM $.audit"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How often capture has said that it tries again. */
    private static long attempts() {
        try (Stream<String> log = Files.lines(Path.of("target/logs/test.log"))) {
            return log.filter(line -> line.contains("Capture failed and is tried again"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
