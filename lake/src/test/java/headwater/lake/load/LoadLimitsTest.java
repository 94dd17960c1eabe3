package headwater.lake.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class LoadLimitsTest {
    @Command
    private static final class Load {
        @Mixin
        private LoadLimits limits;
    }

    @Test
    void readersAreAsManyAsTheCoresCanUseUnlessOptionsSayLess() {
        assertThat(limits().readers(3)).isEqualTo(3);
        assertThat(limits("--parallelism", "8").readers(3)).isEqualTo(8);
        assertThat(limits("--max-connections", "6").readers(3)).isEqualTo(2);
        assertThat(limits("--max-connections", "60").readers(3)).isEqualTo(3);
        assertThat(limits("--parallelism", "1", "--max-connections", "6").readers(3))
                .isEqualTo(1);
    }

    @Test
    void timesAreSaidInTheirUnit() {
        assertThat(limits().keepInWords()).isEqualTo("10 minutes");
        assertThat(limits("--keep-snapshot", "90s").keepInWords()).isEqualTo("90 seconds");
    }

    @Test
    void theRateIsSharedByTheReaders() {
        assertThat(limits("--rate", "9000").rateOfOne(3)).isEqualTo(3000);
        assertThat(limits().rateOfOne(3)).isZero();
    }

    @Test
    void numbersThatLeaveNothingToReadWithAreRefused() {
        assertThatThrownBy(() -> limits("--max-connections", "4").require())
                .isInstanceOf(ParameterException.class)
                .hasMessage("--max-connections must be at least 5 (is 4)");
        assertThatThrownBy(() -> limits("--parallelism", "0").require())
                .hasMessage("--parallelism must be at least 1 (is 0)");
        assertThatThrownBy(() -> limits("--rate", "-1").require()).hasMessage("--rate must be at least 1 (is -1)");
        assertThatCode(() -> limits("--max-connections", "5").require()).doesNotThrowAnyException();
    }

    private static LoadLimits limits(String... options) {
        Load load = new Load();
        new CommandLine(load).parseArgs(options);
        return load.limits;
    }
}
