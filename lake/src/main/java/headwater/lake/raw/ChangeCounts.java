package headwater.lake.raw;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import headwater.lake.contract.Operation;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * What an increment holds for one table, so that a pass does only the work that it needs.
 *
 * @param rows changes in all
 * @param unchanged changes that lack a TOAST value
 * @param images changes that carry the old row, as under REPLICA IDENTITY FULL
 * @param truncate the last truncate
 * @param largest the change with the longest texts
 */
public record ChangeCounts(long rows, long unchanged, long images, Optional<Position> truncate, Largest largest) {
    static final ChangeCounts NONE = new ChangeCounts(0, 0, 0, Optional.empty(), Largest.NONE);

    /**
     * One change.
     *
     * @param size of its texts, in characters or bytes
     * @param key JSON of its key
     */
    public record Largest(long size, String key) {
        static final Largest NONE = new Largest(0, "{}");

        private static Largest of(long size, @Nullable String key) {
            return new Largest(size, key == null ? "{}" : key);
        }

        private static Largest of(Largest one, Largest other) {
            return one.size >= other.size ? one : other;
        }
    }

    /** By source table, and under an empty name those of messages; one Spark job. */
    public static Map<String, ChangeCounts> of(Dataset<Row> increment) {
        Map<String, ChangeCounts> counts = new HashMap<>();
        increment
                .groupBy(concat_ws(".", col("source_schema"), col("source_table"))
                        .as("table"))
                .agg(
                        count(lit(1)).as("rows"),
                        sum(when(col("unchanged").isNotNull(), 1).otherwise(0)).as("unchanged"),
                        sum(when(col("before").isNotNull(), 1).otherwise(0)).as("images"),
                        max(when(
                                        col("op").equalTo(Operation.TRUNCATE.code()),
                                        struct(col("source_epoch"), col("commit_lsn"), col("tx_order"))))
                                .as("truncate"),
                        max(struct(size(col("after")).plus(size(col("before"))).as("size"), col("key")))
                                .as("largest"))
                .collectAsList()
                .forEach(row -> counts.put(row.getAs("table"), ofGroup(row)));
        return counts;
    }

    private static Column size(Column text) {
        return coalesce(octet_length(text), lit(0)).cast(DataTypes.LongType);
    }

    /** The same of rows that the driver holds. */
    public static Map<String, ChangeCounts> of(List<Row> increment) {
        Map<String, ChangeCounts> counts = new HashMap<>();
        increment.forEach(row -> counts.merge(ChangeRow.table(row), ofOne(row), ChangeCounts::plus));
        return counts;
    }

    private static ChangeCounts ofOne(Row row) {
        boolean truncate = ChangeRow.op(row).equals(Operation.TRUNCATE.code());
        return new ChangeCounts(
                1,
                ChangeRow.lacksValues(row) ? 1 : 0,
                ChangeRow.hasImage(row) ? 1 : 0,
                truncate ? Optional.of(ChangeRow.position(row)) : Optional.empty(),
                Largest.of(ChangeRow.size(row), ChangeRow.key(row)));
    }

    private ChangeCounts plus(ChangeCounts other) {
        Optional<Position> last =
                Stream.of(truncate, other.truncate).flatMap(Optional::stream).max(Comparator.naturalOrder());
        return new ChangeCounts(
                rows + other.rows,
                unchanged + other.unchanged,
                images + other.images,
                last,
                Largest.of(largest, other.largest));
    }

    private static ChangeCounts ofGroup(Row row) {
        Optional<Position> truncate = Optional.ofNullable(row.<Row>getAs("truncate"))
                .map(at -> new Position(at.getAs("source_epoch"), at.getAs("commit_lsn"), at.getAs("tx_order")));
        Row largest = row.getAs("largest");
        return new ChangeCounts(
                row.getAs("rows"),
                row.getAs("unchanged"),
                row.getAs("images"),
                truncate,
                Largest.of(largest.<Long>getAs("size"), largest.<String>getAs("key")));
    }
}
