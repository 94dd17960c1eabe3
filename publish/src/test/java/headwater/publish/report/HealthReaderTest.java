package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.PipelineStatus;
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
    private static final Duration PATIENCE = Duration.ofMillis(300);
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
        HealthReader reader = reader(Duration.ofMinutes(1));

        assertThatThrownBy(reader::read)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503))
                .hasMessageContaining("lets this server wait since");
    }

    @Test
    void figuresThatCannotBeReadAgainAreTrouble() throws InterruptedException {
        HealthReader reader = reader(Duration.ofMillis(100));
        Health first = firstOf(reader);
        hangs.set(true);
        Thread.sleep(HealthReader.BETWEEN.toMillis());

        Health later = reader.read();

        assertThat(later.verdict()).isEqualTo("trouble");
        assertThat(later.takenAt()).isEqualTo(first.takenAt());
        assertThat(later.problems())
                .last()
                .asString()
                .startsWith("A hop has not answered since")
                .endsWith("all figures are of " + first.takenAt());
    }

    @Test
    void aLookThatTakesAWhileShowsTheLastOneAsItWas() throws InterruptedException {
        HealthReader reader = reader(Duration.ofMinutes(1));
        Health first = firstOf(reader);
        hangs.set(true);
        Thread.sleep(HealthReader.BETWEEN.toMillis());

        assertThat(reader.read()).isEqualTo(first);
    }

    /** The lake of an empty folder takes longer to be read the first time than a page waits here. */
    private static Health firstOf(HealthReader reader) throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try {
                return reader.read();
            } catch (Problem e) {
                assertThat(attempt).isLessThan(100);
                Thread.sleep(100);
            }
        }
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
        return new HealthReader(pipeline(), status, PATIENCE, longest);
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
