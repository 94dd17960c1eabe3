package headwater.capture;

import headwater.capture.bench.BareEngineCommand;
import headwater.capture.partd.GenerateCommand;
import headwater.capture.partd.LoadCommand;
import headwater.lake.process.CommandLineErrors;
import headwater.lake.process.Shutdown;
import picocli.CommandLine.Command;

/** The commands that read or write the source database. */
@Command(
        name = "headwater",
        mixinStandardHelpOptions = true,
        subcommands = {CaptureCommand.class, GenerateCommand.class, LoadCommand.class, BareEngineCommand.class})
public final class Capture {

    public static void main(String[] arguments) {
        Shutdown.exit(CommandLineErrors.execute(new Capture(), arguments));
    }

    private Capture() {}
}
