package headwater.lake.contract;

/**
 * Where each table of a lake lies.
 *
 * @param root a URI without a trailing slash: {@code s3a://bucket/prefix} or {@code file:/folder}
 */
public record LakeLayout(String root) {

    public LakeLayout {
        while (root.endsWith("/")) {
            root = root.substring(0, root.length() - 1);
        }
    }

    /** All changes of all tables; see {@link TableContract#RAW_CHANGES}. */
    public String rawChanges() {
        return root + "/raw/changes";
    }

    /** See {@link TableContract#RAW_SCHEMAS}. */
    public String rawSchemas() {
        return root + "/raw/schemas";
    }

    /** The loads of one source table: its columns, typed, and {@link LoadColumns}. */
    public String rawSnapshots(SourceTable table) {
        return root + "/raw/snapshots/" + table;
    }

    /** Current rows and tombstones: the pipeline's columns and {@link CleansedColumns}. */
    public String cleansed(String table) {
        return root + "/cleansed/" + table;
    }

    /** The rows that break a rule now; see {@link RejectedColumns}. */
    public String rejected(String table) {
        return root + "/rejected/" + table;
    }

    /** A reportable table with exactly the pipeline's columns. */
    public String curated(String table) {
        return root + "/curated/" + table;
    }

    /** The folder of objects by which a merge claims the lake. */
    public String mergeClaim() {
        return root + "/state/merge";
    }

    /** The folder of the object that holds what was last seen of the source tables. */
    public String sourceWatch() {
        return root + "/state/source";
    }
}
