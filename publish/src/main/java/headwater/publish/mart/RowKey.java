package headwater.publish.mart;

import java.util.Arrays;
import java.util.List;

/** The key of a row of a published table: no value is null, and all keys of a table have the same types. */
public record RowKey(List<Object> values) implements Comparable<RowKey> {

    public static RowKey of(Object[] row, int[] ordinals) {
        Object[] values = new Object[ordinals.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = row[ordinals[i]];
        }
        return new RowKey(Arrays.asList(values));
    }

    @Override
    public int compareTo(RowKey other) {
        for (int i = 0; i < values.size(); i++) {
            int order = compare(values.get(i), other.values.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object left, Object right) {
        return ((Comparable<Object>) left).compareTo(right);
    }
}
