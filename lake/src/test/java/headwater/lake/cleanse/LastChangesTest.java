package headwater.lake.cleanse;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.TestingSpark;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.raw.ChangeCounts;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The last change of each key, of changes that the driver holds. */
class LastChangesTest {
    private static final StructType SHAPE = new StructType()
            .add("source_epoch", DataTypes.IntegerType)
            .add("commit_lsn", DataTypes.LongType)
            .add("tx_order", DataTypes.LongType)
            .add("op", DataTypes.StringType)
            .add("source_schema", DataTypes.StringType)
            .add("source_table", DataTypes.StringType)
            .add("key", DataTypes.StringType)
            .add("old_key", DataTypes.StringType)
            .add("before", DataTypes.StringType)
            .add("after", DataTypes.StringType)
            .add("unchanged", DataTypes.StringType)
            .add("schema_id", DataTypes.StringType);

    @Test
    void rowsWhoseSourceKeyIsAnotherThanThePipelinesAreAllKept() {
        StructType source = new StructType()
                .add("code", DataTypes.StringType)
                .add("ext", DataTypes.StringType)
                .add("v", DataTypes.StringType);

        assertThat(last(
                        "code",
                        source,
                        change(1, "c", "{\"ext\":null}", "{\"code\":\"a\",\"ext\":null,\"v\":\"1\"}"),
                        change(2, "c", "{\"ext\":null}", "{\"code\":\"b\",\"ext\":null,\"v\":\"2\"}"),
                        change(3, "c", null, "{\"code\":\"c\",\"ext\":null,\"v\":\"3\"}"),
                        change(4, "u", "{\"ext\":\"\\\"code\\\":\"}", "{\"code\":\"c\",\"ext\":null,\"v\":\"4\"}")))
                .containsExactlyInAnyOrder("a 1", "b 2", "c 4");
    }

    @Test
    void oneKeyUnderTwoTextsHasOneLastChange() {
        StructType source =
                new StructType().add("code", DataTypes.createDecimalType(10, 2)).add("v", DataTypes.StringType);

        assertThat(last(
                        "code",
                        source,
                        change(1, "d", "{\"code\":\"1.0\"}", null),
                        change(2, "c", "{\"code\":\"1.00\"}", "{\"code\":\"1.00\",\"v\":\"2\"}"),
                        change(3, "c", "{\"code\":\"3\"}", "{\"code\":\"3\",\"v\":\"3\"}")))
                .containsExactlyInAnyOrder("1.00 2", "3.00 3");
    }

    @Test
    void daysThatOnlySomeCalendarsHaveAreKeysOfTheirOwn() {
        StructType source = new StructType().add("code", DataTypes.DateType).add("v", DataTypes.StringType);

        assertThat(last(
                        "code",
                        source,
                        change(1, "c", "{\"code\":\"1582-10-10\"}", "{\"code\":\"1582-10-10\",\"v\":\"1\"}"),
                        change(2, "c", "{\"code\":\"1582-10-15\"}", "{\"code\":\"1582-10-15\",\"v\":\"2\"}")))
                .containsExactlyInAnyOrder("1582-10-10 1", "1582-10-15 2");
    }

    private static List<String> last(String key, StructType source, Row... changes) {
        SparkSession session = TestingSpark.any();
        String yaml = """
                name: shop
                source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
                lake: {root: "file:/nowhere"}
                target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
                tables: {t: {source: shop.t, key: [%s], columns: {code: code, v: v}}}
                curated: {}
                """.formatted(key);
        TableSpec spec = PipelineFile.parse("shop", yaml, name -> "x").tables().get(0);
        LastChanges reduction = new LastChanges(spec, source);
        List<Row> rows = List.of(changes);
        ChangeCounts counts = ChangeCounts.of(rows).get("shop.t");
        return reduction
                .newestOfEachKey(reduction.of(rows, counts, session, SHAPE).collectAsList())
                .stream()
                .map(row -> row.getAs("code") + " " + row.getAs("v"))
                .toList();
    }

    private static Row change(long order, String op, String key, String after) {
        return RowFactory.create(1, 100L, order, op, "shop", "t", key, null, null, after, null, null);
    }
}
