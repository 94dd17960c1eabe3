package headwater.publish.status;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How late raw/changes is, by what the source says of itself. */
class SourceEndTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final long END = 1L << 32;

    @Test
    void nothingIsLateThatReachesTheEnd() {
        assertThat(source(false).lagAt(new Lsn(END), NOW.minusSeconds(3600))).isZero();
    }

    @Test
    void anIdleSourceIsNotLateBetweenTwoCommitsOfThePosition() {
        assertThat(source(true).lagAt(new Lsn(END - 1_000), NOW.minusSeconds(60)))
                .isZero();
    }

    @Test
    void inACatchUpTheLagIsTheAgeOfWhatRawHasLast() {
        assertThat(source(true).lagAt(new Lsn(END - (8L << 20)), NOW.minusSeconds(7_200)))
                .isEqualTo(Duration.ofHours(2));
        assertThat(source(true).lagAt(new Lsn(END - (8L << 20)), NOW.minusSeconds(20)))
                .isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aCaptureThatStandsStillIsLateHoweverLittleItLacks() {
        assertThat(source(true).lagAt(new Lsn(END - 1_000), NOW.minusSeconds(90)))
                .isEqualTo(Duration.ofSeconds(90));
        assertThat(source(false).lagAt(new Lsn(END - 1_000), NOW.minusSeconds(5)))
                .isEqualTo(Duration.ofSeconds(5));
    }

    private static SourceEnd source(boolean captured) {
        return new SourceEnd(new Lsn(END), NOW, captured, Map.of());
    }
}
