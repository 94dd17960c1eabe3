package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.TestingSpark;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a change's text becomes in the type of a load: itself, or a refusal. */
class TypedTextTest {
    private final Pipeline pipeline = PipelineFile.parse("shop.yaml", """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
            lake: {root: "file:/tmp/lake"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              orders: {source: public.orders, key: [id], columns: {id: id}}
            """, name -> "x");
    private final SparkSession spark = TestingSpark.of(pipeline);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            smallint      | -32768
            int           | 2147483647
            bigint        | -9223372036854775808
            decimal(14,4) | -9999999999.9999
            decimal(38,0) | 99999999999999999999999999999999999999
            float         | NaN
            double        | -0
            double        | 5e-324
            double        | -Infinity
            boolean       | true
            date          | 0001-01-01
            date          | 9999-12-31
            date          | 1582-10-10
            timestamp_ntz | 0001-01-01 00:00:00
            timestamp_ntz | 9999-12-31 23:59:59.999999
            timestamp     | 2024-06-01 12:00:00.5+00
            """)
    void whatTheTypeHoldsIsTakenAsItIs(String type, String text) {
        String typed = typed(type, text)
                .select(col("typed").cast("string"))
                .as(Encoders.STRING())
                .first();

        assertThat(same(type, typed)).isEqualTo(same(type, text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            smallint      | 32768
            int           | 1.5
            int           | 1e+06
            bigint        | 9223372036854775808
            decimal(14,4) | NaN
            decimal(14,4) | Infinity
            decimal(14,4) | 1.23456
            decimal(14,4) | 99999999999
            decimal(14,4) | 1e-05
            double        | x
            boolean       | maybe
            date          | infinity
            date          | 0044-03-15 BC
            date          | 10000-01-01
            date          | 2024-02-29 00:00:01
            timestamp_ntz | -infinity
            timestamp_ntz | 0044-03-15 12:00:00.5 BC
            timestamp_ntz | 294276-12-31 23:59:59.999999
            timestamp_ntz | 2024-06-01 12:00:00+00
            timestamp     | infinity
            timestamp     | 10000-01-01 00:00:00+00
            timestamp     | 2024-06-01 12:00:00
            timestamp     | 0044-03-15 12:00:00+00 BC
            """)
    void whatTheTypeDoesNotHoldIsRefused(String type, String text) {
        assertThatThrownBy(() -> typed(type, text).collectAsList())
                .hasStackTraceContaining("a change of public.orders has a value in column v that is not a " + type)
                .hasStackTraceContaining("name it in tables.orders.asText");
    }

    private Dataset<Row> typed(String type, String text) {
        StructField field = DataTypes.createStructField("v", DataType.fromDDL(type), true);
        return spark.createDataset(Arrays.asList(text, null), Encoders.STRING())
                .select(TypedText.typed(col("value"), field, pipeline.tables().get(0))
                        .as("typed"));
    }

    /** Spark lays some types out in another way. */
    private static Object same(String type, String text) {
        return List.of("float", "double").contains(type)
                ? Double.valueOf(text)
                : type.equals("timestamp") ? text.replace("+00", "") : text;
    }
}
