package headwater.publish.mart;

/** How much of the heap a row takes, roughly: memory is bounded by that and not by a number of rows alone. */
public final class RowBytes {
    /** All rows that a publication holds at a time: a publisher has a heap of 512 MB. */
    public static final long MOST_HELD = 64L << 20;

    /** Rows that are bound to one batch of statements, which the driver writes out once more. */
    static final long MOST_BOUND = 8L << 20;

    private static final long OBJECT = 24;

    public static long of(Object[] row) {
        long bytes = OBJECT;
        for (Object value : row) {
            bytes += OBJECT + (value instanceof String text ? 2L * text.length() : 0);
        }
        return bytes;
    }

    private RowBytes() {}
}
