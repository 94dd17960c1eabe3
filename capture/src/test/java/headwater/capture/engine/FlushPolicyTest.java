package headwater.capture.engine;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.capture.TestingChanges;
import headwater.capture.raw.ChangeBatch;
import headwater.lake.contract.Lsn;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlushPolicyTest {
    private static final FlushPolicy POLICY = new FlushPolicy(Duration.ofSeconds(1), 5_000, Duration.ofMinutes(1));

    @Test
    void rowsWaitForTheRestOfTheInterval() {
        try (ChangeBatch batch = batch(1)) {
            assertThat(POLICY.wait(batch, Duration.ofMillis(300))).isEqualTo(Duration.ofMillis(700));
            assertThat(POLICY.wait(batch, Duration.ofHours(1))).isZero();
        }
    }

    @Test
    void enoughBytesDoNotWait() {
        try (ChangeBatch batch = batch(100)) {
            assertThat(POLICY.wait(batch, Duration.ZERO)).isZero();
        }
    }

    @Test
    void aPositionAloneWaitsLonger() {
        try (ChangeBatch batch = batch(0)) {
            assertThat(POLICY.wait(batch, Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(58));
            assertThat(POLICY.wait(batch, Duration.ofSeconds(60))).isZero();
        }
    }

    @Test
    void nothingIsNeverDue() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 5_000)) {
            assertThat(POLICY.wait(batch, Duration.ofDays(10))).isEqualTo(FlushPolicy.NEVER);
        }
    }

    private static ChangeBatch batch(int rows) {
        ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20);
        TestingChanges.transaction(batch, 200, rows);
        return batch;
    }
}
