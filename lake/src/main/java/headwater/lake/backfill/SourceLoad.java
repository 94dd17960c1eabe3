package headwater.lake.backfill;

import static org.apache.spark.sql.functions.lit;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.contract.Lsn;
import headwater.lake.delta.TableLog;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Progress;
import java.io.PrintStream;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loads of one source table in raw/snapshots: each is one commit, from one snapshot of the source. */
public final class SourceLoad {
    private static final Logger LOG = LoggerFactory.getLogger(SourceLoad.class);

    private final SparkSession spark;
    private final TableSpec spec;
    private final String path;
    private final int epoch;

    public SourceLoad(SparkSession spark, LakeLayout layout, TableSpec spec, int epoch) {
        this.spark = spark;
        this.spec = spec;
        this.path = layout.rawSnapshots(spec.source());
        this.epoch = epoch;
    }

    /** The LSN of the newest load, empty if there is none. */
    public OptionalLong newest() {
        return TableLog.at(spark, path).position(CommitId.load(spec.source(), epoch));
    }

    /** The rows of the load at an LSN: the source's columns and {@link LoadColumns}. */
    public Dataset<Row> at(long lsn) {
        return TableLog.at(spark, path).partition(spark, LoadColumns.LOAD_ID, id(lsn));
    }

    /**
     * Copies the table as the snapshot shows it; returns the number of rows.
     *
     * @param parallelism most page ranges read at a time; empty for one per core
     * @param out where progress is shown
     */
    public long copy(SourceSettings source, SourceSnapshot snapshot, OptionalInt parallelism, PrintStream out) {
        long startedAt = System.nanoTime();
        LOG.info("Loading table={} at={}", spec.source(), new Lsn(snapshot.lsn()));
        SourceCatalog.Plan plan = plan(source);
        LongAccumulator rows = new LongAccumulator();
        spark.sparkContext().register(rows);
        CopyTable copied = new CopyTable(source, spec.source(), plan.columns(), plan.ranges(), snapshot.name(), rows);
        Dataset<Row> all = copied.rows(spark);
        write(parallelism.isPresent() ? all.coalesce(parallelism.getAsInt()) : all, snapshot.lsn(), plan, rows, out);
        LOG.info(
                "Loaded table={} rows={} at={} version={} tookMs={}",
                spec.source(),
                rows.value(),
                new Lsn(snapshot.lsn()),
                TableLog.at(spark, path).version(),
                (System.nanoTime() - startedAt) / 1_000_000);
        return rows.value();
    }

    private SourceCatalog.Plan plan(SourceSettings source) {
        try (SourceCatalog catalog = new SourceCatalog(source)) {
            return catalog.plan(spec);
        }
    }

    private void write(Dataset<Row> rows, long lsn, SourceCatalog.Plan plan, LongAccumulator read, PrintStream out) {
        try (Progress progress = new Progress(spec.source().toString(), plan.rows(), out)) {
            SparkListener shown = new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd end) {
                    progress.add(read.value() - progress.done());
                }
            };
            spark.sparkContext().addSparkListener(shown);
            try {
                rows.withColumn(LoadColumns.LOAD_ID, lit(id(lsn)))
                        .withColumn(LoadColumns.EPOCH, lit(epoch))
                        .withColumn(LoadColumns.LOAD_LSN, lit(lsn))
                        .write()
                        .format("delta")
                        .mode("append")
                        .partitionBy(LoadColumns.LOAD_ID)
                        // statistics of every column would cost more than they save: a load is read as a whole
                        .option("delta.dataSkippingNumIndexedCols", "0")
                        .option("txnAppId", CommitId.load(spec.source(), epoch))
                        .option("txnVersion", lsn)
                        .save(path);
            } finally {
                spark.sparkContext().removeSparkListener(shown);
            }
            progress.add(read.value() - progress.done());
        }
    }

    /** One load per snapshot: its LSN, in a form that sorts. */
    private static String id(long lsn) {
        return String.format("%016X", lsn);
    }
}
