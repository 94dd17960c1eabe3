package headwater.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.pipeline.CaptureSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SlotHealthTest {
    private static final long MEBI = 1 << 20;
    private static final CaptureSettings LIMITS =
            new CaptureSettings(Duration.ofSeconds(1), 1, 100 * MEBI, Duration.ofHours(2));

    @Test
    void aSlotThatIsKeptUpWithIsNotSpokenOf() {
        assertThat(after(600, 5, "reserved", 900).warnings(after(0, 5, "reserved", 900), LIMITS))
                .isEmpty();
    }

    @Test
    void muchWalIsNamedWithWhatToDo() {
        SlotHealth health = after(60, 120, "extended", 900);

        assertThat(health.warnings(health, LIMITS))
                .containsExactly(
                        "The slot keeps 120 MiB of WAL on the source's disk, 120 MiB not yet captured. Look whether "
                                + "capture keeps up, whether the lake can be written, and for transactions that have been open for long");
    }

    @Test
    void theTimeLeftFollowsFromThePace() {
        SlotHealth start = after(0, 0, "reserved", 1_000);
        SlotHealth now = after(600, 90, "reserved", 910);

        assertThat(now.untilLost(start)).contains(Duration.ofSeconds(910 * 600 / 90));
        assertThat(now.warnings(start, LIMITS))
                .singleElement()
                .asString()
                .contains("At the pace of the last 10 min the slot is lost in 101 min");
        assertThat(after(600, 10, "reserved", 990).warnings(start, LIMITS)).isEmpty();
    }

    @Test
    void noTimeIsToldFromAMomentOrWithoutALimit() {
        assertThat(after(179, 90, "reserved", 910).untilLost(after(0, 0, "reserved", 1_000)))
                .isEmpty();
        SlotHealth unlimited = new SlotHealth(Instant.EPOCH, 1, 1, "reserved", OptionalLong.empty());
        assertThat(after(600, 90, "reserved", 910).untilLost(unlimited)).isEmpty();
    }

    @Test
    void aSlotThatIsAboutToBeLostIsNamedAtOnce() {
        SlotHealth health = after(0, 50, "unreserved", 0);

        assertThat(health.warnings(health, LIMITS))
                .singleElement()
                .asString()
                .startsWith("The slot is about to be lost");
    }

    private static SlotHealth after(int seconds, long retained, String status, long safe) {
        return new SlotHealth(
                Instant.EPOCH.plusSeconds(seconds),
                retained * MEBI,
                retained * MEBI,
                status,
                OptionalLong.of(safe * MEBI));
    }
}
