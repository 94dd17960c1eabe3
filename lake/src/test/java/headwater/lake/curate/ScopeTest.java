package headwater.lake.curate;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.TestingSpark;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** What Spark takes for the touched part of a table, and what the driver does, are the same rows. */
class ScopeTest {
    private static final StructType SHAPE = new StructType()
            .add("year", DataTypes.IntegerType)
            .add("item", DataTypes.StringType)
            .add("total", DataTypes.createDecimalType(10, 2));

    private final Pipeline pipeline = PipelineFile.parse("shop.yaml", """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
            lake: {root: "file:/tmp/lake"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              sale: {source: shop.sale, key: [id], columns: {id: id}}
            curated:
              report:
                key: [year, item]
                partitionBy: [year]
                sql: SELECT 1 AS year, 'a' AS item, 1.00 AS total FROM sale
                affectedBy: {sale: SELECT year FROM changes}
                columns: {year: int, item: varchar(20), total: "decimal(10,2)"}
            """, name -> "x");
    private final SparkSession spark = TestingSpark.of(pipeline);
    private final CuratedSpec table = pipeline.curated().get(0);

    @Test
    void bothTakeTheSameRowsThoseWithoutAPartitionValueAmongThem() {
        Scope scope = new Scope(table, SHAPE);
        scope.add(List.of("year", "item"), List.of(RowFactory.create(2020, "a"), RowFactory.create(null, "b")));
        scope.add(List.of("year"), Collections.singletonList(RowFactory.create(2022)));
        List<Row> all = new ArrayList<>();
        for (Integer year : new Integer[] {2020, 2021, 2022, null}) {
            for (String item : new String[] {"a", "b", null}) {
                all.add(RowFactory.create(year, item, new java.math.BigDecimal("1.00")));
            }
        }
        Dataset<Row> rows = spark.createDataFrame(all, SHAPE);

        List<Row> bySpark = scope.of(rows).collectAsList();

        assertThat(bySpark)
                .extracting(row -> row.get(0) + " " + row.get(1))
                .containsExactlyInAnyOrder("2020 a", "null b", "2022 a", "2022 b", "2022 null");
        assertThat(all.stream().filter(scope::holds).toList()).containsExactlyInAnyOrderElementsOf(bySpark);
        assertThat(scope.mayHold(year(2020))).isTrue();
        assertThat(scope.mayHold(year(null))).isTrue();
        assertThat(scope.mayHold(year(2021))).isFalse();
        // a table that was made without partitions
        assertThat(scope.mayHold(Map.of())).isTrue();
    }

    private static Map<String, Object> year(Integer year) {
        Map<String, Object> partition = new HashMap<>();
        partition.put("year", year);
        return partition;
    }
}
