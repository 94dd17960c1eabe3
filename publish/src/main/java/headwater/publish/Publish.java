package headwater.publish;

import headwater.lake.process.CommandLineErrors;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.command.BenchCommand;
import headwater.publish.check.CheckCommand;
import headwater.publish.demo.DemoCommand;
import headwater.publish.report.partd.ReportCommand;
import headwater.publish.setup.SetupCommand;
import headwater.publish.setup.TeardownCommand;
import headwater.publish.status.StatusCommand;
import picocli.CommandLine.Command;

/** The commands of this module; each runs in a JVM of its own. */
@Command(
        name = "headwater",
        mixinStandardHelpOptions = true,
        subcommands = {
            CheckCommand.class,
            SetupCommand.class,
            TeardownCommand.class,
            PublishCommand.class,
            StatusCommand.class,
            ReportCommand.class,
            BenchCommand.class,
            DemoCommand.class
        })
public final class Publish {

    public static void main(String[] arguments) {
        Shutdown.exit(CommandLineErrors.execute(new Publish(), arguments));
    }
}
