package headwater.capture.partd;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.process.CommandLineErrors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--year 2020",
                "--rows 10 --changes 10",
                "--rows 0",
                "--rows 90000001",
                "--rows ten",
                "--rows 10 --for 60s",
                "--rows 10 --parallelism 0",
                "--changes 10 --for soon",
                "--changes 10 --mix much",
                "--changes 10 --if-empty",
                "--rows 10 --pipeline no-such-file"
            })
    void wrongUseEndsWithExitCodeTwo(String arguments) {
        assertThat(CommandLineErrors.execute(new GenerateCommand(), arguments.split(" ")))
                .isEqualTo(2);
    }
}
