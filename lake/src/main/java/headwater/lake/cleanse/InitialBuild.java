package headwater.lake.cleanse;

import headwater.lake.parquet.RowColumns;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.TableLog;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Makes a cleansed table and its rejected rows of a whole load, without a MERGE; rejected rows are committed first. */
final class InitialBuild {
    private final SparkSession session;
    private final TableSpec spec;
    private final TableLog log;
    private final RejectedTable rejected;

    /** @param log of the cleansed table, which does not exist yet */
    InitialBuild(SparkSession session, TableSpec spec, TableLog log, RejectedTable rejected) {
        this.session = session;
        this.spec = spec;
        this.log = log;
        this.rejected = rejected;
    }

    /**
     * Writes both tables and commits them with their position.
     *
     * @param rows in the shape of {@link InitialRows}
     */
    void write(Dataset<Row> rows, String appId, long lsn) {
        if (RowColumns.supported(rows.schema())) {
            inOnePass(rows, appId, lsn);
        } else {
            bySpark(rows, appId, lsn);
        }
    }

    private void inOnePass(Dataset<Row> rows, String appId, long lsn) {
        StructType shape = rows.schema();
        InitialFiles.Part all =
                InitialFiles.Part.without(log.path(), shape, List.of(Cleansing.RULE, Cleansing.SOURCE_ROW));
        InitialFiles.Part broken = rejected.part(rows);
        InitialFiles.Files files = new InitialFiles(
                        shape,
                        all,
                        broken,
                        shape.fieldIndex(Cleansing.RULE),
                        session.conf().get("spark.sql.parquet.compression.codec"),
                        spec.key(),
                        new SerializableConfiguration(session.sessionState().newHadoopConf()))
                .write(rows);
        rejected.create(broken.schema(), files.rejected(), lsn);
        log.commits().create(all.schema(), CleansedSchema.properties(spec, all.schema()), files.cleansed(), appId, lsn);
    }

    /** Where the pipeline file makes arrays, maps or structs, which only Spark's writer knows. */
    private void bySpark(Dataset<Row> rows, String appId, long lsn) {
        rejected.build(rows, lsn);
        log.commits()
                .write(
                        rows.drop(Cleansing.RULE, Cleansing.SOURCE_ROW),
                        SaveMode.Append,
                        List.of(),
                        CleansedSchema.properties(spec, rows.schema()),
                        appId,
                        lsn);
    }
}
