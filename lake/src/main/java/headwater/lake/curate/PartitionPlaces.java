package headwater.lake.curate;

import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.when;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.RaisedError;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Whether rows may be written into partitions: one is a folder, whose name an empty or a long text has not. */
record PartitionPlaces(CuratedSpec spec) {
    /** What Hive calls the partition of null. */
    private static final String NO_PARTITION = "__HIVE_DEFAULT_PARTITION__";

    private static final int LONGEST_PARTITION = 200;

    /** The rows; computing one that has no place fails. */
    Dataset<Row> placed(Dataset<Row> rows) {
        Dataset<Row> placed = rows;
        for (String name : spec.partitionBy()) {
            DataType type = rows.schema().apply(name).dataType();
            if (type.equals(DataTypes.StringType)) {
                Column value = TableDifference.column(name);
                Column homeless = value.isNull()
                        .or(value.isin("", NO_PARTITION))
                        .or(octet_length(value).gt(LONGEST_PARTITION));
                placed = placed.withColumn(
                        name,
                        when(homeless, RaisedError.of(homeless(name), type)).otherwise(value));
            }
        }
        return placed;
    }

    /** The same of rows that the driver has, at once. */
    void require(List<Row> rows) {
        for (String name : spec.partitionBy()) {
            for (Row row : rows) {
                Object value = row.getAs(name);
                if (value == null || (value instanceof String text && isHomeless(text))) {
                    throw new Failure(Remedy.OPERATOR, "Cannot refresh curated/" + spec.name() + ": " + homeless(name));
                }
            }
        }
    }

    private static boolean isHomeless(String value) {
        return value.isEmpty()
                || value.equals(NO_PARTITION)
                || value.getBytes(StandardCharsets.UTF_8).length > LONGEST_PARTITION;
    }

    private String homeless(String column) {
        return "a row of curated/" + spec.name() + " has in " + column
                + ", by which the table is partitioned, no value, an"
                + " empty one or one of more than " + LONGEST_PARTITION
                + " bytes, which a partition cannot have. Mend the"
                + " row in the source, or the SQL of curated." + spec.name() + " in the pipeline file.";
    }
}
