package headwater.publish.bench.command;

import headwater.publish.bench.backfill.BackfillBenchCommand;
import headwater.publish.bench.capture.CaptureBenchCommand;
import headwater.publish.bench.merge.MergeBenchCommand;
import headwater.publish.bench.report.ReportBenchCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The benchmarks by name. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a part of Headwater on this machine, with servers and data of its own.",
            "Ends with one line per figure that has a target. Exit code 0 when it ran, whatever it measured."
        },
        subcommands = {
            ReportBenchCommand.class,
            CaptureBenchCommand.class,
            BackfillBenchCommand.class,
            MergeBenchCommand.class
        })
public final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        throw new ParameterException(
                command.commandLine(),
                "Which benchmark? There is: "
                        + String.join(", ", command.subcommands().keySet()));
    }
}
