package headwater.lake.pipeline;

/** How merge changes the rows of a table. */
public record MergeSettings(Form form) {
    /** The form of a change; what it leaves is the same. */
    public enum Form {
        /** Up to as many rows as the driver holds it edits itself; more go by Delta's MERGE. */
        AUTO,
        /** All go by Delta's MERGE. */
        MERGE
    }

    /** Whether few rows are edited by the driver. */
    public boolean editsFew() {
        return form == Form.AUTO;
    }
}
