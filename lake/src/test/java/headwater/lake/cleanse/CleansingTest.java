package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.TestingSpark;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.pipeline.TableSpec;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The row of the source that a rejected row shows. */
class CleansingTest {
    @Test
    void valuesAreTextsAsPostgresWritesThem() {
        TableSpec spec =
                PipelineFile.parse("shop.yaml", """
                name: shop
                source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
                lake: {root: "file:/tmp/lake"}
                target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
                tables:
                  orders: {source: public.orders, key: [id], columns: {id: id}, rules: {never: id < 0}}
                """, name -> "x").tables().get(0);
        Dataset<Row> source = TestingSpark.any()
                .range(1)
                .select(
                        expr("id"),
                        expr("CAST(0 AS decimal(20,8)) AS nothing"),
                        expr("CAST(NULL AS decimal(20,8)) AS missing"),
                        expr("timestamp '2024-03-31 02:30:00.000001 UTC' AS moment"),
                        expr("timestamp_ntz '2024-03-31 02:30:00' AS at"));

        Row row = new Cleansing(spec, source.schema()).apply(source, List.of()).first();

        assertThat(row.<String>getAs(Cleansing.SOURCE_ROW))
                .isEqualTo("{\"id\":\"0\",\"nothing\":\"0.00000000\",\"missing\":null,"
                        + "\"moment\":\"2024-03-31 02:30:00.000001+00\",\"at\":\"2024-03-31 02:30:00\"}");
    }
}
