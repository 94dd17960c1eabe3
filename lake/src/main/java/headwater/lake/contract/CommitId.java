package headwater.lake.contract;

/**
 * The app ids of the Delta SetTransactions whose version is the LSN that a table reaches. They hold the source epoch,
 * because Delta skips a write with a lower version than the recorded one without a word.
 */
public final class CommitId {

    /** Of raw/changes. */
    public static String capture(String slot, int epoch) {
        return "capture/" + slot + "/" + epoch;
    }

    /** Of raw/snapshots: the LSN of the newest whole load; of a cleansed table: that of the newest load which it holds. */
    public static String load(SourceTable table, int epoch) {
        return "load/" + table + "/" + epoch;
    }

    /** Of a cleansed table. */
    public static String cleanse(String table, int epoch) {
        return "cleanse/" + table + "/" + epoch;
    }

    /** Of the rejected rows of a cleansed table. */
    public static String reject(String table, int epoch) {
        return "reject/" + table + "/" + epoch;
    }

    /** Of a curated table. */
    public static String curate(String table, int epoch) {
        return "curate/" + table + "/" + epoch;
    }

    private CommitId() {}
}
