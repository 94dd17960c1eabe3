package headwater.publish.setup;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.publish.check.PipelineCheck;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes what the pipeline needs in its three places. */
@Command(
        name = "setup",
        mixinStandardHelpOptions = true,
        description = {
            "Makes what the pipeline needs and says so, one line each: publication and replication slot in PostgreSQL, the"
                    + " lake's location, database, tables and views in MySQL. What is there already stays; to repeat it is safe.",
            "First it looks at everything that check looks at, and does nothing where it finds a fault that it cannot mend.",
            "From the moment the slot exists PostgreSQL keeps its WAL for capture: start capture soon, or undo with teardown."
        })
public final class SetupCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline settings = pipeline.read();
        PrintWriter out = command.commandLine().getOut();
        new PipelineCheck(settings).requireSetUpPossible();
        // the slot comes last of all: from then on the source keeps WAL
        new LakeSetup(settings.lake()).run(out);
        new TargetSchema(settings).setUp(out);
        new SourceSetup(settings).setUp(out);
        return 0;
    }
}
