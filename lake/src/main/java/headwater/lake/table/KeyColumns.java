package headwater.lake.table;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.util.Collection;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;

/**
 * The key of a table's rows.
 *
 * @param names its columns
 * @param schema of the table
 */
public record KeyColumns(List<String> names, StructType schema) {

    /** The key of a row that has the table's columns in order. */
    public Row of(Row row) {
        return RowFactory.create(
                names.stream().map(name -> row.get(schema.fieldIndex(name))).toArray());
    }

    /**
     * The files that may hold one of the keys, as far as their smallest and largest value of the first column tell.
     *
     * @param keys in the order of {@link #of}
     */
    List<AddFile> filesOf(List<AddFile> files, Collection<Row> keys) {
        String name = names.get(0);
        DataType type = schema.apply(name).dataType();
        if (!isWhole(type) || keys.stream().anyMatch(key -> key.isNullAt(0))) {
            return keys.isEmpty() ? List.of() : files;
        }
        TreeSet<Long> wanted = new TreeSet<>();
        keys.forEach(key -> wanted.add(((Number) key.get(0)).longValue()));
        return files.stream()
                .filter(file -> {
                    Optional<NumberBounds> bounds = NumberBounds.of(file, name);
                    return bounds.map(known -> known.hold(wanted)).orElse(!wanted.isEmpty());
                })
                .toList();
    }

    /** Those of some rows that have one of the keys. */
    Dataset<Row> among(Dataset<Row> rows, Collection<Row> keys) {
        StructType shape = new StructType();
        Column match = lit(true);
        for (String name : names) {
            shape = shape.add("_key_" + name, schema.apply(name).dataType());
            match = match.and(column(name).eqNullSafe(column("_key_" + name)));
        }
        Dataset<Row> wanted = rows.sparkSession().createDataFrame(List.copyOf(keys), shape);
        return rows.where(between(keys)).join(broadcast(wanted), match, "left_semi");
    }

    /**
     * Between the smallest and the largest of some keys in the columns of whole numbers: what a reader sees in footers and pages
     * of files before it reads rows. The keys themselves, where they are many, would be one condition within another to Spark's
     * reader, as deep as they are many.
     */
    public Column between(Collection<Row> keys) {
        Column all = lit(true);
        for (int at = 0; at < names.size(); at++) {
            int place = at;
            DataType type = schema.apply(names.get(at)).dataType();
            if (isWhole(type) && keys.stream().noneMatch(key -> key.isNullAt(place))) {
                LongSummaryStatistics values = keys.stream()
                        .mapToLong(key -> ((Number) key.get(place)).longValue())
                        .summaryStatistics();
                all = all.and(column(names.get(at))
                        .between(
                                lit(values.getMin()).cast(type),
                                lit(values.getMax()).cast(type)));
            }
        }
        return all;
    }

    private static boolean isWhole(DataType type) {
        return type instanceof LongType || type instanceof IntegerType || type instanceof ShortType;
    }

    static Column column(String name) {
        return col("`" + name + "`");
    }
}
