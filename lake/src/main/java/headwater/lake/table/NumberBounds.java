package headwater.lake.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.NavigableSet;
import java.util.Optional;
import org.apache.spark.sql.delta.actions.AddFile;

/**
 * Between which whole numbers the values of a column lie in a file, those of rows that are hidden by now among them.
 *
 * @param least at most the smallest value
 * @param most at least the largest value
 */
record NumberBounds(long least, long most) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As the log has them, by "Per-file Statistics" of the Delta protocol; empty if it does not say them. */
    static Optional<NumberBounds> of(AddFile file, String column) {
        if (file.stats() == null) {
            return Optional.empty();
        }
        try {
            JsonNode statistics = JSON.readTree(file.stats());
            JsonNode least = statistics.path("minValues").path(column);
            JsonNode most = statistics.path("maxValues").path(column);
            return least.isIntegralNumber() && most.isIntegralNumber()
                    ? Optional.of(new NumberBounds(least.longValue(), most.longValue()))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            // what cannot be read says nothing
            return Optional.empty();
        }
    }

    /** Whether one of the numbers lies between. */
    boolean hold(NavigableSet<Long> numbers) {
        Long next = numbers.ceiling(least);
        return next != null && next <= most;
    }
}
