package headwater.lake.cleanse;

import static headwater.lake.cleanse.Cleansing.quoted;
import static org.apache.spark.sql.functions.col;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns of a cleansed table, and what it is made with. */
record CleansedSchema(TableSpec spec, LakeLayout layout) {

    /** The rows in the order of the table's columns; refused if it has no columns for them, as after a change of the pipeline file or of the source's types. */
    Dataset<Row> fitting(Dataset<Row> rows, StructType table) {
        Set<String> there = columns(table);
        Set<String> made = columns(rows.schema());
        if (!there.equals(made)) {
            Set<String> known = Set.copyOf(there);
            there.removeAll(made);
            made.removeAll(known);
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": it has the columns " + there
                            + " where the pipeline file now makes " + made + " of " + spec.source()
                            + ". Correct the pipeline file, with a CAST where the source's type was changed; or build the table anew: stop \"./headwater merge\", remove cleansed/"
                            + spec.name() + " and rejected/" + spec.name() + " from "
                            + layout.root() + ", and run \"./headwater backfill --table " + spec.name() + "\".");
        }
        // the pipeline file may name its columns in another order than when the table was made
        return rows.select(Stream.concat(Stream.of(table.fieldNames()), Stream.of(Cleansing.RULE, Cleansing.SOURCE_ROW))
                .map(name -> col(quoted(name)))
                .toArray(Column[]::new));
    }

    /** The pipeline's columns in the order of the table. */
    static StructType live(TableSpec spec, StructType table) {
        return new StructType(Arrays.stream(table.fields())
                .filter(field -> spec.columns().containsKey(field.name()))
                .toArray(StructField[]::new));
    }

    /** The pipeline's columns with their types. */
    private static Set<String> columns(StructType schema) {
        List<String> added = List.of(
                CleansedColumns.EPOCH,
                CleansedColumns.COMMIT_LSN,
                CleansedColumns.ORDER,
                CleansedColumns.DELETED,
                CleansedColumns.REASON,
                Cleansing.RULE,
                Cleansing.SOURCE_ROW);
        return Arrays.stream(schema.fields())
                .filter(field -> !added.contains(field.name()))
                .map(field -> field.name() + " " + field.dataType().catalogString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Spark SQL: a row {@code s} has the key of a row {@code t}; keys are never null. */
    static String keysMatch(TableSpec spec) {
        return spec.key().stream()
                .map(name -> "s." + quoted(name) + " = t." + quoted(name))
                .collect(Collectors.joining(" AND "));
    }

    /** The Delta properties of a table that is merged into by its key; bounds of a key that Delta keeps none of are left out. */
    static Map<String, String> properties(TableSpec spec, StructType columns) {
        String bounded = spec.key().stream()
                .filter(name -> {
                    DataType type = columns.apply(name).dataType();
                    return !type.equals(DataTypes.BooleanType) && !type.equals(DataTypes.BinaryType);
                })
                .map(Cleansing::quoted)
                .collect(Collectors.joining(","));
        return Map.of(
                Fingerprint.PROPERTY,
                Fingerprint.of(spec),
                "delta.enableChangeDataFeed",
                "true",
                "delta.enableDeletionVectors",
                "true",
                bounded.isEmpty() ? "delta.dataSkippingNumIndexedCols" : "delta.dataSkippingStatsColumns",
                bounded.isEmpty() ? "0" : bounded,
                "delta.checkpointInterval",
                "50",
                "delta.logRetentionDuration",
                "interval 30 days",
                "delta.deletedFileRetentionDuration",
                "interval 7 days");
    }

    /** The columns of a source table without those that a load adds. */
    static StructType sourceColumns(StructType load) {
        List<String> added = List.of(LoadColumns.LOAD_ID, LoadColumns.EPOCH, LoadColumns.LOAD_LSN);
        return new StructType(Arrays.stream(load.fields())
                .filter(field -> !added.contains(field.name()))
                .toArray(StructField[]::new));
    }
}
