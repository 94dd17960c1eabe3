package headwater.publish;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import picocli.CommandLine.Option;

/** The option that every command has. */
public final class PipelineOption {
    @Option(
            names = "--pipeline",
            paramLabel = "FILE|NAME",
            defaultValue = PipelineFile.SHIPPED,
            description = "The pipeline file, or the name of a shipped pipeline (default: ${DEFAULT-VALUE}).")
    private String fileOrName;

    /** Reads it. */
    public Pipeline read() {
        return PipelineFile.read(fileOrName);
    }
}
