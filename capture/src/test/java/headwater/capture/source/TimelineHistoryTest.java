package headwater.capture.source;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import org.junit.jupiter.api.Test;

class TimelineHistoryTest {
    @Test
    void everyTimelineIsLeftWhereItsLineSays() {
        TimelineHistory history = TimelineHistory.parse("1\t0/16B3748\tno recovery target specified\n\n"
                + "# a comment\n2\t1/A\tbefore 2026-11-25 21:00:00+00\n");

        assertThat(history.leftAt(1)).contains(Lsn.parse("0/16B3748"));
        assertThat(history.leftAt(2)).contains(Lsn.parse("1/A"));
        assertThat(history.leftAt(3)).isEmpty();
    }
}
