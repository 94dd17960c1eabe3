package headwater.publish.bench.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Duration NONE = Duration.ZERO;

    private final Comparison comparison = new Comparison();

    @Test
    void aFigureIsTheMedianOfThePairsRatios() {
        add(Side.COPY, 10, 20, 40);
        add(Side.RAW, 30, 40, 80);
        add(Side.JDBC, 30, 80, 120);

        assertThat(comparison.figures())
                .extracting(Object::toString)
                .containsExactly(
                        "bench backfill raw/copy=2 target<=2.4 met", "bench backfill jdbc/raw=1.5 target>=1.4 met");
        assertThat(comparison.medians()).isEqualTo("medians: copy 20.0 s, raw 40.0 s, jdbc 80.0 s");
    }

    @Test
    void aSideThatDidNotRunHasNoFigure() {
        add(Side.COPY, 1);
        add(Side.CHAIN, 6.5);

        assertThat(comparison.figures())
                .extracting(Object::toString)
                .containsExactly("bench backfill chain/copy=6.5 target<=6 missed");
    }

    private void add(Side side, double... seconds) {
        for (double each : seconds) {
            Duration time = Duration.ofMillis((long) (each * 1000));
            CpuTimes cpu = new CpuTimes(NONE, NONE, NONE, NONE, NONE);
            comparison.add(new BackfillFigures(side, time, "", new DiscardedCopy(1, 1), NONE, cpu, 0, 0));
        }
    }
}
