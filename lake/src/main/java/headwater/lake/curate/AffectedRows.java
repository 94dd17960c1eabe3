package headwater.lake.curate;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.NetImages;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Which part of a curated table changes touch, by the queries of its {@code affectedBy}. */
record AffectedRows(SparkSession session, CuratedSpec spec, UsedColumns used) {

    /** The view that the queries read: old and new images of what changed. */
    static final String CHANGES = "changes";

    /** The part of the table that the changes touch; empty if that is unknown, or so much that the whole is compared. */
    Optional<Scope> of(StructType schema, Map<String, CollectedRows> changes) {
        Scope scope = new Scope(spec, schema);
        for (Map.Entry<String, String> upstream : spec.affectedBy().entrySet()) {
            CollectedRows changed = changes.get(upstream.getKey());
            if (changed == null) {
                return Optional.empty();
            }
            CollectedRows seen = used.of(upstream.getKey(), changed);
            try {
                if (!seen.isEmpty() && !add(scope, upstream, seen, schema)) {
                    return Optional.empty();
                }
            } finally {
                if (seen != changed) {
                    seen.close();
                }
            }
        }
        return Optional.of(scope);
    }

    /** Adds what the changes of one upstream touch; false if that is too much. */
    private boolean add(Scope scope, Map.Entry<String, String> upstream, CollectedRows changes, StructType schema) {
        changes.in(session).drop(NetImages.NET).createOrReplaceTempView(CHANGES);
        Dataset<Row> named = session.sql(upstream.getValue());
        List<String> key = keyPart(named, upstream.getKey());
        return add(scope, named, key, schema) || add(scope, named, spec.partitionBy(), schema);
    }

    /** Adds the values that some columns have; false if they are too many. */
    private static boolean add(Scope scope, Dataset<Row> named, List<String> columns, StructType schema) {
        if (columns.isEmpty()) {
            return false;
        }
        Dataset<Row> values = named.select(columns.stream()
                .map(name -> TableDifference.column(name)
                        .cast(schema.apply(name).dataType())
                        .as(name))
                .toArray(Column[]::new));
        // telling few rows apart in the driver, as the scope does, spares a shuffle
        Optional<List<Row>> few = CollectedRows.firstOf(values).or(() -> CollectedRows.firstOf(values.distinct()));
        few.ifPresent(rows -> scope.add(columns, rows));
        return few.isPresent();
    }

    private List<String> keyPart(Dataset<Row> named, String upstream) {
        List<String> columns = List.of(named.columns());
        List<String> part = spec.key().stream().filter(columns::contains).toList();
        if (part.size() != columns.size() || !part.containsAll(spec.partitionBy()) || part.isEmpty()) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot refresh curated/" + spec.name() + ": affectedBy." + upstream + " returns " + columns
                            + ", and must return columns of the key " + spec.key() + " with all of partitionBy "
                            + spec.partitionBy() + ". Correct the pipeline file.");
        }
        return part;
    }
}
