package headwater.publish.delta;

/** A file of a table's changes was vacuumed: the table must be published as a whole. */
public final class FeedGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String table;

    public FeedGoneException(String table, Throwable cause) {
        super(cause);
        this.table = table;
    }

    public String table() {
        return table;
    }
}
