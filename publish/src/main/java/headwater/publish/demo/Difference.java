package headwater.publish.demo;

import java.util.Map;

/**
 * A place where source and mart disagree.
 *
 * @param key key column to value
 * @param column the column that differs; empty if a whole row is missing or too many
 */
public record Difference(String table, Map<String, Object> key, String column, String expected, String found) {

    @Override
    public String toString() {
        String place = "table " + table + ", key " + key;
        return column.isEmpty()
                ? place + ": source has " + expected + ", mart has " + found
                : place + ", column " + column + ": source has " + expected + ", mart has " + found;
    }
}
