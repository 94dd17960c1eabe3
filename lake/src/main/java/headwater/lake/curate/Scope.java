package headwater.lake.curate;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.table.KeyColumns;
import headwater.lake.table.RowEdits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.InSet;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.XxHash64;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.collection.JavaConverters;

/**
 * The part of a curated table that changes touch: sets of values of key columns. Upstreams may name different columns;
 * a finer set leaves out what a coarser one holds already.
 */
final class Scope implements RowEdits.Bounds {
    private static final int MOST_VALUES = 200;

    private final CuratedSpec table;
    private final StructType schema;
    private final Map<List<String>, Set<Row>> parts = new LinkedHashMap<>();
    private final Set<Row> partitions = new HashSet<>();

    /** @param schema of the curated table */
    Scope(CuratedSpec table, StructType schema) {
        this.table = table;
        this.schema = schema;
    }

    /** Adds affected keys: rows of some of the key's columns with all partition columns, in the key's order. */
    void add(List<String> columns, List<Row> values) {
        parts.computeIfAbsent(columns, any -> new LinkedHashSet<>()).addAll(values);
        values.forEach(row -> partitions.add(projected(row, columns, table.partitionBy())));
    }

    boolean isEmpty() {
        return parts.values().stream().allMatch(Set::isEmpty);
    }

    @Override
    public boolean mayHold(Map<String, @Nullable Object> partition) {
        // a table keeps the partitions that it was made with, whatever the pipeline file says by now
        return !partition.keySet().containsAll(table.partitionBy())
                || partitions.contains(RowFactory.create(
                        table.partitionBy().stream().map(partition::get).toArray()));
    }

    @Override
    public boolean holds(Row row) {
        List<String> names = List.of(schema.fieldNames());
        return parts.entrySet().stream()
                .anyMatch(part -> part.getValue().contains(projected(row, names, part.getKey())));
    }

    /** The rows that lie in this scope, which must not be empty. */
    @Override
    public Dataset<Row> of(Dataset<Row> rows) {
        Dataset<Row> pruned = partitions("").map(rows::where).orElse(rows);
        Dataset<Row> all = disjoint().entrySet().stream()
                .map(part -> semiJoin(pruned, part.getKey(), part.getValue()))
                .reduce(Dataset::union)
                .orElseThrow();
        return parts.size() > 1 ? all.distinct() : all;
    }

    /** Literal values of the partition columns, so that other partitions are not opened; empty if they are many. */
    Optional<Column> partitions(String alias) {
        Column all = null;
        for (String column : table.partitionBy()) {
            Set<Object> values = new LinkedHashSet<>();
            parts.forEach((columns, rows) -> rows.forEach(row -> values.add(row.get(columns.indexOf(column)))));
            if (values.size() > MOST_VALUES) {
                continue;
            }
            Column in = col(alias + column).isin(values.toArray());
            if (values.contains(null)) {
                in = in.or(col(alias + column).isNull());
            }
            all = all == null ? in : all.and(in);
        }
        return Optional.ofNullable(all);
    }

    private Dataset<Row> semiJoin(Dataset<Row> rows, List<String> columns, Set<Row> values) {
        StructType shape = new StructType();
        for (String column : columns) {
            shape = shape.add("_" + column, schema.apply(column).dataType());
        }
        Dataset<Row> wanted = rows.sparkSession().createDataFrame(new ArrayList<>(values), shape);
        Column match = columns.stream()
                .map(column -> col(column).eqNullSafe(col("_" + column)))
                .reduce(Column::and)
                .orElseThrow();
        return rows.where(hashIsIn(columns, values).and(new KeyColumns(columns, schema).between(values)))
                .join(broadcast(wanted), match, "left_semi");
    }

    /**
     * True for every wanted key and few others. Spark leaves a semi join above a projection that computes anything, so
     * that all groups of the table would be aggregated first; a filter on key columns goes down to the rows.
     */
    private Column hashIsIn(List<String> columns, Set<Row> wanted) {
        Set<Object> hashes = new HashSet<>();
        for (Row row : wanted) {
            List<Expression> values = new ArrayList<>();
            for (int at = 0; at < columns.size(); at++) {
                values.add(Literal.create(
                        row.get(at), schema.apply(columns.get(at)).dataType()));
            }
            hashes.add(new XxHash64(JavaConverters.asScalaBuffer(values).toSeq()).eval(InternalRow.empty()));
        }
        Column hash = xxhash64(columns.stream().map(name -> col(name)).toArray(Column[]::new));
        return new Column(new InSet(
                hash.expr(),
                JavaConverters.asScalaSetConverter(hashes).asScala().toSet()));
    }

    private Map<List<String>, Set<Row>> disjoint() {
        Map<List<String>, Set<Row>> result = new LinkedHashMap<>();
        parts.forEach((columns, rows) -> {
            Set<Row> own = new LinkedHashSet<>(rows);
            own.removeIf(row -> parts.entrySet().stream()
                    .anyMatch(coarser -> coarser.getKey().size() < columns.size()
                            && columns.containsAll(coarser.getKey())
                            && coarser.getValue().contains(projected(row, columns, coarser.getKey()))));
            if (!own.isEmpty()) {
                result.put(columns, own);
            }
        });
        return result;
    }

    static Row projected(Row row, List<String> columns, List<String> onto) {
        return RowFactory.create(
                onto.stream().map(column -> row.get(columns.indexOf(column))).toArray());
    }
}
