package headwater.capture.partd.load;

/** Rows of a dataset that a load inserted, updated, deleted, and found as they are in the files. */
public record LoadCounts(long inserted, long updated, long deleted, long unchanged) {
    static final LoadCounts NONE = new LoadCounts(0, 0, 0, 0);

    LoadCounts plus(LoadCounts other) {
        return new LoadCounts(
                inserted + other.inserted,
                updated + other.updated,
                deleted + other.deleted,
                unchanged + other.unchanged);
    }

    @Override
    public String toString() {
        return "inserted=" + inserted + " updated=" + updated + " deleted=" + deleted + " unchanged=" + unchanged;
    }
}
