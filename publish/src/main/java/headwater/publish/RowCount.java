package headwater.publish;

/** Rows that a publication wrote and deleted. */
record RowCount(long upserted, long deleted) {
    static final RowCount NONE = new RowCount(0, 0);

    RowCount plus(RowCount other) {
        return new RowCount(upserted + other.upserted, deleted + other.deleted);
    }

    boolean isEmpty() {
        return upserted == 0 && deleted == 0;
    }
}
