package headwater.lake.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.LakeLayout;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Tells the rows of two lakes of one pipeline apart: the live ones of each cleansed table and all of each curated one, by
 * the pipeline's columns. Read by Delta's own reader, not by the code that is under test.
 */
public record LakeComparison(SparkSession spark, Pipeline pipeline, LakeLayout other) {
    private static final int SHOWN = 3;

    /**
     * What a table showed.
     *
     * @param rows of the pipeline's lake
     * @param differences rows that one lake has more often than the other
     * @param some of them
     */
    public record Compared(long rows, long differences, List<Row> some) {}

    /** By the table's folder. */
    public Map<String, Compared> tables() {
        Map<String, Compared> compared = new TreeMap<>();
        for (TableSpec table : pipeline.tables()) {
            compared.put(
                    "cleansed/" + table.name(),
                    compare(
                            live(pipeline.layout().cleansed(table.name()), table),
                            live(other.cleansed(table.name()), table)));
        }
        for (CuratedSpec table : pipeline.published()) {
            compared.put(
                    "curated/" + table.name(),
                    compare(
                            all(pipeline.layout().curated(table.name()), table),
                            all(other.curated(table.name()), table)));
        }
        return compared;
    }

    private Dataset<Row> live(String path, TableSpec table) {
        return table(path)
                .where(col(CleansedColumns.DELETED).equalTo(false))
                .select(columns(List.copyOf(table.columns().keySet())));
    }

    private Dataset<Row> all(String path, CuratedSpec table) {
        return table(path).select(columns(List.copyOf(table.columns().keySet())));
    }

    private Dataset<Row> table(String path) {
        return spark.read().format("delta").load(path);
    }

    private static Column[] columns(List<String> names) {
        return names.stream().map(name -> col("`" + name + "`")).toArray(Column[]::new);
    }

    /** By a hash of 64 bits of each row: whole rows of 25 million would take minutes to shuffle. */
    private static Compared compare(Dataset<Row> kept, Dataset<Row> anew) {
        Column hash = xxhash64(columns(List.of(kept.columns())));
        Dataset<Row> differing = kept.select(hash.as("_hash"), lit(1).as("_sign"))
                .union(anew.select(hash.as("_hash"), lit(-1).as("_sign")))
                .groupBy("_hash")
                .agg(sum("_sign").as("_net"))
                .where("_net <> 0");
        List<Row> hashes = differing.limit(SHOWN).collectAsList();
        if (hashes.isEmpty()) {
            return new Compared(kept.count(), 0, List.of());
        }
        Column shown = hash.isin(hashes.stream().map(row -> row.get(0)).toArray());
        return new Compared(
                kept.count(),
                differing.count(),
                kept.where(shown)
                        .withColumn("in", lit("the first"))
                        .union(anew.where(shown).withColumn("in", lit("the other")))
                        .collectAsList());
    }
}
