package headwater.capture;

import headwater.capture.generate.GenerateCommand;
import headwater.lake.process.CommandLineErrors;
import picocli.CommandLine.Command;

/** The commands that work at the source database. */
@Command(
        name = "headwater",
        description = "Commands at the source database.",
        mixinStandardHelpOptions = true,
        subcommands = {GenerateCommand.class})
public final class Capture {

    public static void main(String[] arguments) {
        System.exit(CommandLineErrors.execute(new Capture(), arguments));
    }

    private Capture() {}
}
