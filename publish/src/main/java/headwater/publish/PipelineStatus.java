package headwater.publish;

import headwater.lake.pipeline.Pipeline;
import java.time.Instant;
import java.util.List;

/**
 * Where every table of a pipeline is, hop by hop, in the order of a change's way.
 *
 * @param reachable whether at least one of PostgreSQL, lake and MySQL answered
 */
public record PipelineStatus(String pipeline, Instant takenAt, boolean reachable, List<HopStatus> hops) {

    /** Reads all hops; what is down or does not exist yet says so in its own row. */
    public static PipelineStatus of(Pipeline pipeline) {
        return new StatusReader(pipeline).read();
    }
}
