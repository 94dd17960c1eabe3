package headwater.publish.demo;

import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A place where source and mart disagree.
 *
 * @param key key column to value
 * @param column the column that differs; empty if a whole row is missing or too many
 */
public record Difference(String table, Map<String, Object> key, String column, String expected, String found) {

    @Override
    public String toString() {
        String place = "table " + table + ", key "
                + key.entrySet().stream()
                        .map(part -> part.getKey() + "=" + shown(part.getValue()))
                        .collect(Collectors.joining(" "));
        return column.isEmpty()
                ? place + ": source has " + expected + ", mart has " + found
                : place + ", column " + column + ": source has " + expected + ", mart has " + found;
    }

    /** 2020 and not 2.02E+3. */
    private static Object shown(Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : value;
    }
}
