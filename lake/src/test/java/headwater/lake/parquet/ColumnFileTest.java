package headwater.lake.parquet;

import static org.apache.spark.sql.functions.col;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.TestingSpark;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written by columns is what Spark reads, by both of its readers. */
class ColumnFileTest {
    /** Some pages and a last one that is not full, as pages have 20,000 rows. */
    private static final int ROWS = 50_123;

    private static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.LongType)
            .add("year", DataTypes.ShortType)
            .add("few", DataTypes.IntegerType)
            .add("many", DataTypes.LongType)
            .add("runs", DataTypes.StringType)
            .add("texts", DataTypes.StringType)
            .add("rare", DataTypes.StringType)
            .add("never", DataTypes.StringType)
            .add("flag", DataTypes.BooleanType)
            .add("real", DataTypes.FloatType)
            .add("precise", DataTypes.DoubleType)
            .add("cost", DataTypes.createDecimalType(9, 2))
            .add("sum", DataTypes.createDecimalType(38, 4))
            .add("day", DataTypes.DateType);

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = TestingSpark.any();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sparkReadsWhatWasWritten(boolean vectors, @TempDir Path folder) throws IOException {
        List<Row> rows = rows(ROWS);
        DataFile file = write(rows, folder);
        spark.conf().set("spark.sql.parquet.enableVectorizedReader", vectors);
        try {
            Dataset<Row> read = spark.read()
                    .schema(SCHEMA)
                    .parquet(folder.resolve(file.path()).toString());

            assertThat(read.orderBy("id").collectAsList()).isEqualTo(rows);
        } finally {
            spark.conf().unset("spark.sql.parquet.enableVectorizedReader");
        }
    }

    @Test
    void filtersFindEveryRow(@TempDir Path folder) throws IOException {
        List<Row> rows = rows(ROWS);
        DataFile file = write(rows, folder);
        Dataset<Row> read =
                spark.read().schema(SCHEMA).parquet(folder.resolve(file.path()).toString());

        assertThat(read.where(col("rare").isNotNull()).count())
                .isEqualTo(rows.stream().filter(row -> !row.isNullAt(6)).count())
                .isPositive();
        assertThat(read.where(col("rare").isNull()).count())
                .isEqualTo(rows.stream().filter(row -> row.isNullAt(6)).count());
        assertThat(read.where(col("never").isNull()).count()).isEqualTo(ROWS);
        assertThat(read.where(col("id").equalTo(40_000)).count()).isEqualTo(1);
        assertThat(read.where(col("many").equalTo(rows.get(30_000).getLong(3))).count())
                .isPositive();
        assertThat(read.where(col("texts").equalTo(rows.get(30_000).getString(5)))
                        .count())
                .isPositive();
    }

    @Test
    void statisticsAreThoseOfDelta(@TempDir Path folder) throws IOException {
        DataFile file = write(rows(300), folder);

        assertThat(file.statistics())
                .isEqualTo(
                        "{\"numRecords\":300,\"minValues\":{\"id\":0,\"year\":2020},"
                                + "\"maxValues\":{\"id\":299,\"year\":2020},\"nullCount\":{\"id\":0,\"year\":0},\"tightBounds\":true}");
        assertThat(file.size()).isEqualTo(folder.resolve(file.path()).toFile().length());
    }

    @Test
    void aFileThatIsGivenUpHalfWayIsTakenAway(@TempDir Path folder) {
        List<Row> rows = new ArrayList<>(rows(10));
        rows.add(RowFactory.create(new Object[] {"not a number"}));

        assertThatThrownBy(() -> write(rows, folder)).isInstanceOf(UnsupportedOperationException.class);
        assertThat(folder).isEmptyDirectory();
    }

    private static List<Row> rows(int count) {
        Random random = new Random(7);
        List<Row> rows = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            boolean missing = random.nextInt(5) == 0;
            rows.add(RowFactory.create(
                    (long) id,
                    (short) 2020,
                    missing ? null : random.nextInt(300) - 100,
                    random.nextLong(),
                    "prescriber " + id / 25,
                    missing ? null : "é".repeat(random.nextInt(4)) + random.nextInt(id + 1),
                    id / 10_000 == 3 && id % 7 == 0 ? "rare " + id : null,
                    null,
                    missing ? null : random.nextBoolean(),
                    random.nextInt(9) == 0 ? Float.NaN : random.nextFloat(),
                    missing ? null : id % 3 == 0 ? -0.0 : random.nextGaussian(),
                    missing ? null : BigDecimal.valueOf(random.nextInt(1_000_000_000) - 500_000_000, 2),
                    new BigDecimal(new BigInteger(120, random).subtract(BigInteger.ONE.shiftLeft(119)), 4),
                    missing ? null : LocalDate.of(1, 1, 1).plusDays(random.nextInt(3_000_000))));
        }
        return rows;
    }

    private static DataFile write(List<Row> rows, Path folder) throws IOException {
        org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(folder.toUri());
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(root, "written.parquet");
        try (ColumnFile file = new ColumnFile(path, SCHEMA, List.of("id", "year"), "zstd", new Configuration())) {
            for (Row row : rows) {
                for (int at = 0; at < SCHEMA.size(); at++) {
                    write(row, at, file.column(at));
                }
                file.endRow();
            }
            return file.end(root);
        }
    }

    private static void write(Row row, int at, ColumnValues to) throws IOException {
        Object value = row.get(at);
        if (value == null) {
            to.writeNull();
        } else if (value instanceof String text) {
            byte[] bytes = (" " + text).getBytes(StandardCharsets.UTF_8);
            to.writeBytes(bytes, 1, bytes.length - 1);
        } else if (value instanceof Boolean flag) {
            to.writeBoolean(flag);
        } else if (value instanceof Float real) {
            to.writeNumber(Float.floatToRawIntBits(real));
        } else if (value instanceof Double precise) {
            to.writeNumber(Double.doubleToRawLongBits(precise));
        } else if (value instanceof BigDecimal decimal && decimal.scale() == 4) {
            byte[] fixed = RowColumns.fixed(decimal.unscaledValue(), 38);
            to.writeBytes(fixed, 0, fixed.length);
        } else if (value instanceof BigDecimal decimal) {
            to.writeNumber(decimal.unscaledValue().longValueExact());
        } else if (value instanceof LocalDate day) {
            to.writeNumber(day.toEpochDay());
        } else {
            to.writeNumber(((Number) value).longValue());
        }
    }
}
