package headwater.publish.status;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code status --json} prints; names and order are those of the document. */
record StatusDocument(String pipeline, String takenAt, List<String> unreachable, List<Hop> hops) {

    /** One table at one hop; a value that is not known is null. */
    record Hop(
            String hop,
            String table,
            @Nullable Long rows,
            @Nullable String lsn,
            @Nullable Long lagBytes,
            @Nullable Double lagSeconds,
            Map<String, String> details,
            @Nullable String problem) {

        private static Hop of(HopStatus hop) {
            Duration lag = hop.lag();
            return new Hop(
                    hop.hop(),
                    hop.table(),
                    hop.rows(),
                    hop.lsn() == null ? null : hop.lsn().toString(),
                    hop.lagBytes(),
                    lag == null ? null : Double.valueOf(lag.toMillis() / 1000.0),
                    hop.details(),
                    hop.problem());
        }
    }

    static StatusDocument of(PipelineStatus status) {
        return new StatusDocument(
                status.pipeline(),
                status.takenAt().toString(),
                status.unreachable(),
                status.hops().stream().map(Hop::of).toList());
    }
}
