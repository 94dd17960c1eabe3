package headwater.capture.partd.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrafficMixTest {

    @Test
    void sharesAreOfRowsNotOfStatements() {
        TrafficMix mix = TrafficMix.parse("update=1, large=1");
        SplittableRandom random = new SplittableRandom(1);
        int large = 0;
        for (int i = 0; i < 1_000_000; i++) {
            large += mix.pick(random) == TrafficMix.Kind.LARGE ? 1 : 0;
        }
        assertThat(large * ChangeTraffic.LARGE_ROWS / (1_000_000.0 - large)).isBetween(0.9, 1.1);
    }

    @Test
    void unknownKindIsNamed() {
        assertThatThrownBy(() -> TrafficMix.parse("insert=1,upsert=2"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("\"upsert\" is not a kind of change")
                .extracting(failure -> ((Failure) failure).exitCode())
                .isEqualTo(2);
    }

    @Test
    void sharesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> TrafficMix.parse("insert=0")).hasMessageContaining("all shares are 0");
        assertThatThrownBy(() -> TrafficMix.parse("insert")).hasMessageContaining("is not a kind and its share");
        assertThatThrownBy(() -> TrafficMix.parse("insert=1,insert=2")).hasMessageContaining("given twice");
    }
}
