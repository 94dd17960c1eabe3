package headwater.publish.setup;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Undoes setup. */
@Command(
        name = "teardown",
        mixinStandardHelpOptions = true,
        description = {
            "Undoes setup: drops the replication slot, then the publication. Stop capture first. The lake is left as it is.",
            "A pipeline that is set up again needs a new lake.root, or an empty one: changes in between were not kept."
        })
public final class TeardownCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--drop-target",
            description = "Also drop the published tables and the views in MySQL and forget the ledger.")
    private boolean dropTarget;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline settings = pipeline.read();
        PrintWriter out = command.commandLine().getOut();
        new SourceSetup(settings).tearDown(out);
        if (dropTarget) {
            new TargetSchema(settings).drop(out);
        }
        return 0;
    }
}
