package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Capture in a JVM of its own, as users run it, to be killed. */
final class CaptureProcess implements AutoCloseable {
    private static final String BEGUN = "Committing raw batch";
    private static final String ENDED = "Committed raw batch";
    private static final Duration START = Duration.ofSeconds(60);

    private final Path log;
    private final int linesBefore;
    private final Process process;

    /** @param folder of the pipeline file and of the log, which all processes of a test append to */
    CaptureProcess(Path folder, TestingSource source, String lake) throws IOException {
        this.log = folder.resolve("capture.log");
        this.linesBefore = Files.exists(log) ? Files.readAllLines(log).size() : 0;
        Path yaml = folder.resolve("pipeline.yaml");
        Files.writeString(yaml, source.yaml(lake, 16 << 20));
        ProcessBuilder java = OtherJvm.running(
                Capture.class,
                List.of("-Dheadwater.logs=" + folder, "-Dheadwater.process=capture"),
                "capture",
                "--pipeline",
                yaml.toString());
        java.environment().put("PW", source.password());
        java.redirectErrorStream(true).redirectOutput(folder.resolve("output").toFile());
        this.process = java.start();
    }

    /** Waits until it has begun so many commits. */
    void awaitCommits(int begun) {
        long deadline = System.nanoTime() + START.toNanos();
        while (count(BEGUN) < begun) {
            assertThat(process.isAlive()).as("capture runs").isTrue();
            assertThat(System.nanoTime()).as("time of a start").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** kill -9. Returns whether it hit a commit that had begun and not ended. */
    boolean kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return count(BEGUN) > count(ENDED);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private long count(String words) {
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.skip(linesBefore).filter(line -> line.contains(words)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
