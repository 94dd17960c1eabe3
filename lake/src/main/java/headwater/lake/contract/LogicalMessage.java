package headwater.lake.contract;

/** The logical messages that Headwater itself writes into the source's WAL. */
public final class LogicalMessage {
    /** Moves the slot on an idle source; capture drops it and keeps its position only. */
    public static final String HEARTBEAT = "headwater.heartbeat";
    /** Marks a moment that every hop shall reach at once; it becomes a row of raw/changes. */
    public static final String FENCE = "headwater.fence";

    private LogicalMessage() {}
}
