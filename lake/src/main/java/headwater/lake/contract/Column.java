package headwater.lake.contract;

/**
 * A column of a table with a fixed shape.
 *
 * @param meaning one line for readers of the table, written into the Delta schema as its comment
 */
public record Column(String name, ColumnType type, boolean nullable, String meaning) {

    static Column required(String name, ColumnType type, String meaning) {
        return new Column(name, type, false, meaning);
    }

    static Column optional(String name, ColumnType type, String meaning) {
        return new Column(name, type, true, meaning);
    }
}
