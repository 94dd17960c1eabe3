package headwater.publish.mart;

/** Rows that a publication wrote and deleted. */
public record RowCount(long upserted, long deleted) {
    public static final RowCount NONE = new RowCount(0, 0);

    public RowCount plus(RowCount other) {
        return new RowCount(upserted + other.upserted, deleted + other.deleted);
    }

    boolean isEmpty() {
        return upserted == 0 && deleted == 0;
    }
}
