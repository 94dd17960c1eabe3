package headwater.capture.source;

import headwater.lake.contract.Lsn;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The timelines that a cluster has left behind, each by a failover or a restore, and where it left them. */
record TimelineHistory(Map<Integer, Lsn> left) {
    /** A cluster that was never anything else. */
    static final TimelineHistory NONE = new TimelineHistory(Map.of());

    /** Reads a timeline history file: lines of timeline, LSN and reason between tabs (PostgreSQL, timeline.c). */
    static TimelineHistory parse(String file) {
        Map<Integer, Lsn> left = new HashMap<>();
        file.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(line -> {
                    String[] parts = line.split("\\s+", 3);
                    left.put(Integer.parseInt(parts[0]), Lsn.parse(parts[1]));
                });
        return new TimelineHistory(Map.copyOf(left));
    }

    /** The END LSN of the last change of a timeline that is in this cluster's history; empty if none is. */
    Optional<Lsn> leftAt(int timeline) {
        return Optional.ofNullable(left.get(timeline));
    }
}
