package headwater.publish.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ServerClockTest {
    private static final Instant ASKED = Instant.parse("2026-01-01T00:00:10Z");
    private static final Instant ANSWERED = ASKED.plusSeconds(2);

    @Test
    void aFewSecondsAreTolerated() {
        assertThat(new ServerClock("MySQL", ASKED.minusSeconds(5)).warning(ASKED, ANSWERED))
                .isEmpty();
        assertThat(new ServerClock("MySQL", ANSWERED.plusSeconds(5)).warning(ASKED, ANSWERED))
                .isEmpty();
    }

    @Test
    void theTimeOfTheAnswerIsNoDifference() {
        Instant muchLater = ASKED.plusSeconds(60);

        assertThat(new ServerClock("MySQL", ASKED.plusSeconds(30)).warning(ASKED, muchLater))
                .isEmpty();
    }

    @Test
    void moreIsSaidWithItsDirection() {
        assertThat(new ServerClock("MySQL", ANSWERED.plusSeconds(75))
                        .warning(ASKED, ANSWERED)
                        .orElseThrow())
                .startsWith("The clock of MySQL is 75 s ahead of this machine's")
                .contains("NTP");
        assertThat(new ServerClock("PostgreSQL", ASKED.minusSeconds(6))
                        .warning(ASKED, ANSWERED)
                        .orElseThrow())
                .startsWith("The clock of PostgreSQL is 6 s behind this machine's");
    }
}
