package headwater.lake.contract;

/** The columns that a cleansed table adds to the pipeline's own. */
public final class CleansedColumns {
    /** INT: source epoch of the change that made the row what it is. */
    public static final String EPOCH = "_epoch";
    /** BIGINT: commit LSN of that change; of the snapshot for a loaded row. */
    public static final String COMMIT_LSN = "_commit_lsn";
    /** BIGINT: its place within the transaction; 0 for a loaded row. */
    public static final String ORDER = "_order";
    /** BOOLEAN: a tombstone, invisible to curated tables. */
    public static final String DELETED = "_deleted";
    /** STRING: why a tombstone is one: {@value #REASON_DELETED}, {@value #REASON_TRUNCATED} or the broken rule's name. */
    public static final String REASON = "_reason";

    public static final String REASON_DELETED = "deleted";
    public static final String REASON_TRUNCATED = "truncated";

    private CleansedColumns() {}
}
