package headwater.lake.cleanse;

import static org.apache.spark.sql.functions.col;

import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.ByteText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.ChangeCounts;
import headwater.lake.raw.ChangeRow;
import headwater.lake.raw.SourceSchemas;
import headwater.lake.table.TableLog;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What has to hold before rows are merged into a cleansed table; each check says what a person can do. */
final class MergeChecks {
    /** The text of a change is parsed, cast, shuffled and written in so many copies at a time. */
    private static final int COPIES = 40;

    private final TableSpec spec;
    private final String definition;
    private final SourceSchemas schemas;

    MergeChecks(TableSpec spec, SourceSchemas schemas) {
        this.spec = spec;
        this.definition = Fingerprint.of(spec);
        this.schemas = schemas;
    }

    /** Spark compares no maps, and every later load and each refresh compares. */
    void requireComparable(StructType columns) {
        for (StructField field : columns.fields()) {
            if (field.dataType().catalogString().contains("map<")) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot build cleansed/" + spec.name() + ": tables." + spec.name() + ".columns." + field.name()
                                + " makes a map, and maps cannot be compared. Write to_json(...) around it.");
            }
        }
    }

    /** A process without memory ends, and the other tables with it. */
    void requireRoom(ChangeCounts counts) {
        long heap = Runtime.getRuntime().maxMemory();
        long size = counts.largest().size();
        if (size > heap / COPIES) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": a change of " + spec.source() + " has "
                            + ByteText.of(size) + " (key " + counts.largest().key() + "), too much for a heap of "
                            + ByteText.of(heap) + ". Start \"./headwater merge\" with HEADWATER_HEAP="
                            + (((size * COPIES) >> 30) + 1)
                            + "g, and keep a large column that nobody needs away with exclude in the pipeline file.");
        }
    }

    /** Rows of two definitions must not stand side by side; only a load makes all of them anew. */
    void requireSameDefinition(TableLog log) {
        Optional<String> madeBy = log.property(Fingerprint.PROPERTY);
        if (madeBy.isEmpty()) {
            // made by a version that did not say it
            log.commits().describe(Fingerprint.PROPERTY, definition);
        } else if (!madeBy.get().equals(definition)) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge into cleansed/" + spec.name() + ": tables." + spec.name()
                            + " of the pipeline file is not what the table was made by (its key, columns, rules, text, asText"
                            + " or mask), and old and new rows would differ. Run \"./headwater backfill --table "
                            + spec.name()
                            + "\", which the merge then applies to all rows; or put the pipeline file back.");
        }
    }

    void requireColumns(List<Row> changes, StructType source) {
        Set<String> ids = new TreeSet<>();
        for (Row change : changes) {
            String id = ChangeRow.schema(change);
            if (id != null && ChangeRow.hasNewRow(change)) {
                ids.add(id);
            }
        }
        schemas.require(ids, List.of(source.fieldNames()));
    }

    void requireColumns(Dataset<Row> changes, StructType source) {
        List<String> ids = changes.where(
                        col("after").isNotNull().and(col("schema_id").isNotNull()))
                .select("schema_id")
                .distinct()
                .as(Encoders.STRING())
                .collectAsList();
        schemas.require(ids, List.of(source.fieldNames()));
    }
}
