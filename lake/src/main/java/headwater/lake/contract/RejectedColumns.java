package headwater.lake.contract;

/** The columns of rejected/&lt;table&gt;, after the key columns: one row per source row that breaks a rule now. */
public final class RejectedColumns {
    /** STRING: the first rule of the pipeline file that the row breaks. */
    public static final String RULE = "rule";
    /** STRING: the source row as JSON text, column name to text. */
    public static final String SOURCE_ROW = "source_row";
    /** INT, BIGINT, BIGINT: position of the change, as in {@link CleansedColumns}. */
    public static final String EPOCH = "_epoch";

    public static final String COMMIT_LSN = "_commit_lsn";
    public static final String ORDER = "_order";

    private RejectedColumns() {}
}
