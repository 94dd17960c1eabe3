package headwater.publish.bench.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import headwater.publish.bench.capture.Slope.Point;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlopeTest {

    @Test
    void aLineUnderNoiseIsFound() {
        SplittableRandom random = new SplittableRandom(1);
        List<Point> points = IntStream.rangeClosed(0, 600)
                .mapToObj(second -> new Point(second, 100 + second / 60.0 * 2 + random.nextDouble(-1, 1)))
                .toList();

        Slope slope = Slope.of(points);

        assertThat(slope.perMinute()).isCloseTo(2, within(0.05));
        assertThat(slope.mean()).isCloseTo(110, within(0.2));
        assertThat(slope.minutes()).isEqualTo(10);
        assertThat(slope.drift()).isCloseTo(20 / 1.1, within(0.5));
    }
}
