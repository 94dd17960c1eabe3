package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.capture.raw.RawWriter;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.LakeSettings;
import io.delta.storage.S3SingleDriverLogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that both hold themselves for the one writer of raw/changes in S3, and commit at the same time. */
class StaleWritersIT {
    private static final int ROUNDS = Integer.getInteger("headwater.races", 15);

    @TempDir
    private Path folder;

    @Test
    void noAcknowledgedCommitIsLost() throws Exception {
        assertThat(lost("headwater", "", ROUNDS)).isEmpty();
    }

    /** What Delta writes to S3 with by itself: the reason for a log store of our own. */
    @Test
    void theStockLogStoreLosesAcknowledgedCommits() throws Exception {
        assertThat(lost(
                        "stock",
                        ", io.delta.kernel.logStore.s3a.impl: " + S3SingleDriverLogStore.class.getName(),
                        10 * ROUNDS))
                .isNotEmpty();
    }

    /**
     * The rows that a writer was told are durable and that the table does not hold.
     *
     * @param most races, if in none before both writers were told so: how many it takes is up to the machine
     */
    private List<String> lost(String name, String option, int most) throws Exception {
        EmbeddedS3 s3 = TestingServers.s3();
        try (TestingSource source = new TestingSource(List.of("a"), "CREATE TABLE $.a (id int PRIMARY KEY)")) {
            String setting = source.lake(s3).replace("access: \"true\"}", "access: \"true\"" + option + "}");
            Path yaml = Files.writeString(folder.resolve("pipeline.yaml"), source.yaml(setting, 1 << 20));
            LakeSettings lake = source.pipeline(setting, 1 << 20).lake();
            RawWriter.create(
                    lake,
                    new CaptureOffset(1, source.name(), "system", 1, 1, 1, "2026-01-01T00:00:00Z", List.of(), 0L));
            List<String> durable = new ArrayList<>();
            int rounds = 0;
            try (Writer one = new Writer(yaml, s3, source);
                    Writer two = new Writer(yaml, s3, source)) {
                while (rounds < ROUNDS || (rounds < most && durable.size() == rounds)) {
                    durable.addAll(race(rounds, List.of(one, two)));
                    rounds++;
                }
            }

            Set<Object> kept = new RawReader(lake)
                    .changes().stream().map(row -> row.get("after")).collect(Collectors.toSet());
            List<String> lost =
                    durable.stream().filter(row -> !kept.contains(row)).toList();
            System.out.printf(
                    "%s log store: %d commits acknowledged to two writers in %d races, %d lost%n",
                    name, durable.size(), rounds, lost.size());
            return lost;
        }
    }

    /** The rows that were acknowledged. */
    private static List<String> race(int round, List<Writer> writers) {
        writers.forEach(writer -> writer.open(round + " of " + writer.process.pid()));
        writers.forEach(writer -> assertThat(writer.answer()).isEqualTo(StaleWriter.READY));
        writers.forEach(Writer::commit);
        List<String> durable = writers.stream()
                .filter(writer -> writer.answer().equals(StaleWriter.DURABLE))
                .map(writer -> round + " of " + writer.process.pid())
                .toList();
        assertThat(durable).isNotEmpty();
        return durable;
    }

    /** A {@link StaleWriter}. */
    private static final class Writer implements AutoCloseable {
        private final Process process;
        private final PrintWriter in;
        private final BufferedReader out;

        Writer(Path yaml, EmbeddedS3 s3, TestingSource source) throws IOException {
            ProcessBuilder java = OtherJvm.running(
                    StaleWriter.class,
                    List.of("-Dheadwater.logs=" + yaml.getParent(), "-Dheadwater.console=OFF"),
                    yaml.toString());
            java.environment()
                    .putAll(Map.of(
                            "PW", source.password(),
                            "AWS_ACCESS_KEY_ID", s3.accessKey(),
                            "AWS_SECRET_ACCESS_KEY", s3.secretKey()));
            process = java.redirectError(ProcessBuilder.Redirect.INHERIT).start();
            in = new PrintWriter(process.outputWriter(), true);
            out = process.inputReader();
        }

        void open(String row) {
            in.println(row);
        }

        void commit() {
            in.println();
        }

        String answer() {
            try {
                return out.readLine();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
