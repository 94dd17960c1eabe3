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

    /** The pipeline, or a failure that names every fault of the file. */
    public Pipeline read() {
        return PipelineFile.read(fileOrName);
    }
}
