package headwater.lake.pipeline;

import picocli.CommandLine.Option;

/** The option {@code --pipeline} of every command, which takes it as a picocli mixin. */
public final class PipelineOption {
    @Option(
            names = "--pipeline",
            paramLabel = "FILE|NAME",
            defaultValue = PipelineFile.SHIPPED,
            description = "The pipeline file, or the name of a shipped pipeline (default: ${DEFAULT-VALUE}).")
    private String fileOrName;

    /** The pipeline that the option names; throws a failure with every fault of its file. */
    public Pipeline read() {
        return PipelineFile.read(fileOrName);
    }
}
