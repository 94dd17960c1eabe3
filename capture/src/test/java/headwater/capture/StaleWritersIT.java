package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.embedded.EmbeddedS3;
import io.delta.storage.S3SingleDriverLogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that both hold themselves for the one writer of raw/changes in S3. */
class StaleWritersIT {
    private static final int COMMITS = Integer.getInteger("headwater.commits", 15);

    @TempDir
    private Path folder;

    @Test
    void noAcknowledgedCommitIsLost() throws Exception {
        assertThat(lost("headwater", "")).isEmpty();
    }

    /** What Delta writes to S3 with by itself: the reason for a log store of our own. */
    @Test
    void theStockLogStoreLosesAcknowledgedCommits() throws Exception {
        assertThat(lost("stock", ", io.delta.kernel.logStore.s3a.impl: " + S3SingleDriverLogStore.class.getName()))
                .isNotEmpty();
    }

    /** The rows that a writer was told are durable and that the table does not hold. */
    private List<String> lost(String name, String option) throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = new TestingSource(List.of("a"), "CREATE TABLE $.a (id int PRIMARY KEY)")) {
            String lake = source.lake(s3).replace("access: \"true\"}", "access: \"true\"" + option + "}");
            RawWriter.create(
                    source.pipeline(lake, 1 << 20).lake(),
                    new CaptureOffset(1, source.name(), "system", 1, 1, 1, "2026-01-01T00:00:00Z"));
            Path yaml = Files.writeString(folder.resolve("pipeline.yaml"), source.yaml(lake, 1 << 20));
            List<String> acknowledged = race(yaml, s3, source);

            Set<Object> kept = new RawReader(source.pipeline(lake, 1 << 20).lake())
                    .changes().stream().map(row -> row.get("after")).collect(Collectors.toSet());
            List<String> lost =
                    acknowledged.stream().filter(row -> !kept.contains(row)).toList();
            System.out.printf(
                    "%s log store: %d commits acknowledged to two writers, %d lost%n",
                    name, acknowledged.size(), lost.size());
            assertThat(acknowledged).hasSize(2 * COMMITS);
            return lost;
        }
    }

    private static List<String> race(Path yaml, EmbeddedS3 s3, TestingSource source) throws Exception {
        List<Process> writers = new ArrayList<>();
        try {
            for (String writer : List.of("one", "two")) {
                writers.add(start(yaml, writer, s3, source));
            }
            List<String> acknowledged = new ArrayList<>();
            for (Process writer : writers) {
                assertThat(writer.inputReader().readLine()).isEqualTo("ready");
            }
            for (Process writer : writers) {
                try (OutputStream go = writer.getOutputStream()) {
                    go.write('\n');
                }
            }
            for (Process writer : writers) {
                try (BufferedReader lines = writer.inputReader()) {
                    lines.lines().forEach(acknowledged::add);
                }
                assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            return acknowledged;
        } finally {
            writers.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(Path yaml, String writer, EmbeddedS3 s3, TestingSource source) throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dheadwater.logs=" + yaml.getParent(),
                "-Dheadwater.process=" + writer,
                "-Dheadwater.console=OFF",
                "-cp",
                System.getProperty("java.class.path"),
                StaleWriter.class.getName(),
                yaml.toString(),
                writer,
                String.valueOf(COMMITS));
        java.environment()
                .putAll(Map.of(
                        "PW", source.password(),
                        "AWS_ACCESS_KEY_ID", s3.accessKey(),
                        "AWS_SECRET_ACCESS_KEY", s3.secretKey()));
        return java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
