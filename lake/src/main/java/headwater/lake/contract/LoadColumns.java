package headwater.lake.contract;

/** The columns that raw/snapshots adds to the source's own; its rows stand at (epoch, load LSN, 0). */
public final class LoadColumns {
    /** STRING, partition column: one load, a whole table or key ranges, all from one snapshot. */
    public static final String LOAD_ID = "_load_id";
    /** INT: source epoch. */
    public static final String EPOCH = "_epoch";
    /** BIGINT: the consistent point of the snapshot that the load read. */
    public static final String LOAD_LSN = "_load_lsn";

    private LoadColumns() {}
}
