package headwater.capture.load;

/** Rows of a dataset that a load inserted, updated, deleted, and found as they are in the files. */
record LoadCounts(long inserted, long updated, long deleted, long unchanged) {

    @Override
    public String toString() {
        return "inserted=" + inserted + " updated=" + updated + " deleted=" + deleted + " unchanged=" + unchanged;
    }
}
