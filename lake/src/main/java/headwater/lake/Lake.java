package headwater.lake;

import headwater.lake.process.CommandLineErrors;
import headwater.lake.process.Shutdown;
import picocli.CommandLine.Command;

/** The lake's commands: from the source's snapshot and the raw changes to cleansed and curated tables, with Spark. */
@Command(
        name = "headwater",
        mixinStandardHelpOptions = true,
        description = "Spark's part of Headwater.",
        subcommands = {BackfillCommand.class, MergeCommand.class, JdbcLoadCommand.class, CompareCommand.class})
public final class Lake {

    public static void main(String[] arguments) {
        Shutdown.exit(CommandLineErrors.execute(new Lake(), arguments));
    }
}
