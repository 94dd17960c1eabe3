package headwater.publish.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {

    @Test
    void aFigureIsALineWithItsTarget() {
        assertThat(Figure.atMost("report", "query-p95", 12.345, "ms", 300))
                .hasToString("bench report query-p95=12.3ms target<=300ms met");
        assertThat(Figure.atLeast("capture", "events/bare", 0.8449, "", 0.85))
                .hasToString("bench capture events/bare=0.845 target>=0.85 missed");
        assertThat(Figure.atMost("capture", "peak-rss", 1025, "MiB", 1024))
                .hasToString("bench capture peak-rss=1025MiB target<=1024MiB missed");
    }
}
