package headwater.publish.check;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code headwater check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at PostgreSQL, the lake, MySQL and this machine, and says what is fine and then every fault at once, each"
                    + " with its remedy. Changes nothing: what it writes to find out whether it may, it deletes again.",
            "Exit code 0 if nothing is at fault, 1 otherwise; a warning is no fault."
        })
public final class CheckCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline settings = pipeline.read();
        PrintWriter out = command.commandLine().getOut();
        out.println("Settings: pipeline " + settings.name() + ", "
                + settings.tables().size() + " source tables, "
                + settings.published().size() + " published tables");
        List<Finding> wrong = new ArrayList<>();
        int faults = 0;
        for (PipelineCheck.Area area : new PipelineCheck(settings).all()) {
            Findings findings = new Findings();
            area.look(findings);
            for (Finding finding : findings.all()) {
                if (finding.kind() == Finding.Kind.FINE) {
                    out.println(finding);
                } else {
                    wrong.add(finding);
                }
            }
            out.flush();
            faults += findings.faults();
        }
        wrong.forEach(out::println);
        out.println(summary(faults, wrong.size() - faults));
        return faults == 0 ? 0 : 1;
    }

    private static String summary(int faults, int warnings) {
        return "check: " + count(faults, "fault") + ", " + count(warnings, "warning");
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
