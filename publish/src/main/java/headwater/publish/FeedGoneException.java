package headwater.publish;

/** A file of a table's changes was vacuumed: the table must be published as a whole. */
final class FeedGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String table;

    FeedGoneException(String table, Throwable cause) {
        super(cause);
        this.table = table;
    }

    String table() {
        return table;
    }
}
