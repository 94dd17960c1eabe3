package headwater.lake.curate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import headwater.lake.table.CollectedRows;
import headwater.lake.table.NetImages;
import headwater.lake.table.RowShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * Which columns of its upstreams a curated table reads, to compute its rows or to find those that a change touches: a change
 * of other columns does not touch it. Spark says it, by what is left of a query's plan once all that nothing reads is taken
 * out of it; the plans are made over tables without rows.
 */
final class UsedColumns {
    private final SparkSession bare;
    private final Map<String, StructType> shapes = new HashMap<>();
    private final Map<String, RDD<?>> leaves = new HashMap<>();
    private final Map<String, Set<String>> used = new HashMap<>();

    /** @param session whose settings the queries run with */
    UsedColumns(SparkSession session) {
        this.bare = session.newSession();
    }

    /** Names a table that queries read, with the columns that it has. */
    void table(String name, StructType columns) {
        Dataset<Row> empty = bare.createDataFrame(new JavaSparkContext(bare.sparkContext()).emptyRDD(), columns);
        empty.createOrReplaceTempView(name);
        shapes.put(name, columns);
        leaves.put(name, ((LogicalRDD) empty.queryExecution().analyzed()).rdd());
    }

    /** Names a table of constants. */
    void constants(String name, String sql) {
        bare.sql(sql).createOrReplaceTempView(name);
    }

    /** Adds what a query reads of a table, under the name of an upstream. */
    void add(String upstream, String table, String query) {
        Set<String> names = used.computeIfAbsent(upstream, any -> new LinkedHashSet<>());
        List<LogicalPlan> nodes = new ArrayList<>();
        LogicalPlan plan = bare.sql(query).queryExecution().optimizedPlan();
        collect(plan, nodes);
        for (LogicalPlan leaf : nodes) {
            if (leaf instanceof LogicalRDD rows && rows.rdd() == leaves.get(table)) {
                for (Attribute column : JavaConverters.seqAsJavaList(leaf.output())) {
                    if (plan.outputSet().contains(column)
                            || nodes.stream().anyMatch(node -> node.references().contains(column))) {
                        names.add(column.name());
                    }
                }
            }
        }
    }

    private static void collect(LogicalPlan plan, List<LogicalPlan> nodes) {
        nodes.add(plan);
        JavaConverters.seqAsJavaList(plan.children()).forEach(child -> collect(child, nodes));
        JavaConverters.seqAsJavaList(plan.subqueries()).forEach(query -> collect(query, nodes));
    }

    /** The net images of an upstream by the columns that are read of it. */
    CollectedRows of(String upstream, CollectedRows images) {
        StructType read = shape(upstream);
        if (images.isEmpty() || NetImages.shape(read).size() == images.schema().size()) {
            return images;
        }
        return images.rows()
                .map(rows -> CollectedRows.of(
                        NetImages.by(rows, new RowShape(images.schema()), new RowShape(read)), NetImages.shape(read)))
                .orElseGet(() -> CollectedRows.of(images.in(bare)
                        .groupBy(Arrays.stream(read.fieldNames())
                                .map(TableDifference::column)
                                .toArray(Column[]::new))
                        .agg(sum(NetImages.NET).as(NetImages.NET))
                        .where(col(NetImages.NET).notEqual(0))));
    }

    /** The columns that are read of an upstream, in its order. */
    private StructType shape(String upstream) {
        Set<String> names = used.getOrDefault(upstream, Set.of());
        return new StructType(
                Arrays.stream(Objects.requireNonNull(shapes.get(upstream)).fields())
                        .filter(field -> names.contains(field.name()))
                        .toArray(StructField[]::new));
    }
}
