package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.status.PipelineStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page of the pipeline's state while a hop does not answer. */
class HealthReaderTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final CountDownLatch answer = new CountDownLatch(1);
    private final AtomicBoolean hangs = new AtomicBoolean();

    @TempDir
    private Path lake;

    @AfterEach
    void letTheLookEnd() {
        answer.countDown();
    }

    @Test
    void aHopThatNeverAnsweredIsSaidAndNotWaitedFor() {
        hangs.set(true);
        HealthReader reader = reader(LONG);

        assertThatThrownBy(() -> reader.read(SHORT))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503))
                .hasMessageContaining("lets this server wait since");
    }

    @Test
    void figuresThatCannotBeReadAgainAreTrouble() {
        HealthReader reader = reader(Duration.ZERO);
        Health first = reader.read(LONG);
        assertThat(first.verdict()).isEqualTo("ok");
        hangs.set(true);

        Health later = reader.read(SHORT);

        assertThat(later.verdict()).isEqualTo("trouble");
        assertThat(later.takenAt()).isEqualTo(first.takenAt());
        assertThat(later.problems())
                .last()
                .asString()
                .startsWith("A hop has not answered since")
                .endsWith("all figures are of " + first.takenAt());
    }

    @Test
    void aLookThatTakesAWhileShowsTheLastOneAsItWas() {
        HealthReader reader = reader(LONG);
        Health first = reader.read(LONG);
        hangs.set(true);

        assertThat(reader.read(SHORT)).isEqualTo(first);
    }

    private HealthReader reader(Duration longest) {
        Supplier<PipelineStatus> status = () -> {
            if (hangs.get()) {
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            return new PipelineStatus("shop", Instant.now(), List.of(), List.of());
        };
        // a look begins with every read
        return new HealthReader(pipeline(), status, Duration.ZERO, longest);
    }

    private Pipeline pipeline() {
        String yaml = """
                name: shop
                source: {url: "jdbc:postgresql://localhost/shop", user: me, password: "${PW}"}
                lake: {root: "file:%s"}
                target: {url: "jdbc:mysql://localhost/shop", user: me, password: "${PW}"}
                tables:
                  orders: {source: public.orders, key: [id], columns: {id: id}}
                curated: {}
                """.formatted(lake);
        return PipelineFile.parse("shop.yaml", yaml, name -> "secret");
    }
}
