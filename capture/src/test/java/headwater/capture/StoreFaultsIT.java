package headwater.capture;

import headwater.capture.Faults.Fault;
import headwater.lake.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The store fails at each moment of a commit, under traffic: no change is lost, repeated or out of order. */
class StoreFaultsIT {
    private static final int TIMES = 5;

    @TempDir
    private Path lake;

    @ParameterizedTest
    @EnumSource
    void aFailedWriteLosesAndRepeatsNothing(Fault fault) throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 5);
                RunningCapture capture = new RunningCapture(pipeline(source))) {
            Faults faults = Faults.of(source.name());
            capture.awaitCommit();
            for (int time = 1; time <= TIMES; time++) {
                int hits = time;
                faults.inject(fault);
                capture.await(() -> faults.hits(fault) == hits);
                capture.awaitCommit();
            }
            traffic.stop();

            int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));

            System.out.printf(
                    "%s: hit %d times under %d changes, %d data files in no commit%n",
                    fault,
                    faults.hits(fault),
                    changes,
                    dataFiles() - capture.reader().files());
        }
    }

    @Test
    void aFullDiskIsWaitedFor() throws Exception {
        try (TestingSource source = AuditedTraffic.source();
                AuditedTraffic traffic = new AuditedTraffic(source, 7);
                RunningCapture capture = new RunningCapture(pipeline(source))) {
            Faults faults = Faults.of(source.name());
            for (int time = 1; time <= TIMES; time++) {
                capture.awaitCommit();
                faults.fill();
                int before = faults.foundNoRoom();
                capture.await(() -> faults.foundNoRoom() > before);
                faults.makeRoom();
            }
            traffic.stop();

            int changes = AuditedTraffic.assertEachOnce(source, capture.awaitAll(source));

            System.out.printf("full disk: %d writes refused under %d changes%n", faults.foundNoRoom(), changes);
        }
    }

    private Pipeline pipeline(TestingSource source) {
        // so little that many a commit falls within what the engine hands over at once
        return source.pipeline(Faults.lake(source.name(), lake), 1 << 16);
    }

    private long dataFiles() throws IOException {
        try (Stream<Path> files = Files.walk(lake.resolve("raw/changes"))) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .filter(file -> !file.toString().contains("_delta_log"))
                    .count();
        }
    }
}
