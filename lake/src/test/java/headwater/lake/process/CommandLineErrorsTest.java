package headwater.lake.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class CommandLineErrorsTest {

    @Command(name = "headwater", mixinStandardHelpOptions = true, subcommands = Inner.class)
    private static final class Outer {}

    @Command(name = "inner", mixinStandardHelpOptions = true)
    private static final class Inner implements Runnable {
        @Override
        public void run() {
            throw new Failure(Remedy.USAGE, "Cannot do it: no reason. Do something else.");
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(CommandLineErrors.version()).matches("[0-9]+\\.[0-9]+\\.[0-9]+\\S*");
    }

    @Test
    void aFailureOfUsageEndsWithTwo() {
        assertThat(CommandLineErrors.execute(new Outer(), "inner")).isEqualTo(2);
    }
}
