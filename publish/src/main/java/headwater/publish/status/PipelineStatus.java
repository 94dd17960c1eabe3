package headwater.publish.status;

import headwater.lake.pipeline.Pipeline;
import java.time.Instant;
import java.util.List;

/**
 * Where every table of a pipeline is, hop by hop, in the order of a change's way.
 *
 * @param unreachable which of PostgreSQL, the lake and MySQL did not answer, or refused
 */
public record PipelineStatus(String pipeline, Instant takenAt, List<String> unreachable, List<HopStatus> hops) {

    /**
     * Reads all hops without scanning a table; what is down or does not exist yet says so in its own row. The rows in
     * MySQL stay unknown.
     */
    public static PipelineStatus of(Pipeline pipeline) {
        return new StatusReader(pipeline, false).read();
    }

    /** The same, and counts the rows in MySQL. */
    public static PipelineStatus counted(Pipeline pipeline) {
        return new StatusReader(pipeline, true).read();
    }
}
