package headwater.lake;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.store.ConditionalLogStore;
import headwater.lake.store.LakeConfiguration;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Builds the Spark session of every lake command. */
public final class LakeSession {

    /**
     * Starts Spark, or joins the session that spark-submit prepared.
     *
     * @param master a Spark master, or null for spark-submit's, or this machine if there is none
     */
    public static SparkSession start(Pipeline pipeline, @Nullable String master) {
        SparkConf conf = new SparkConf();
        if (master != null) {
            conf.setMaster(master);
        }
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.app.name", "headwater-" + pipeline.name());
        if (conf.get("spark.master").startsWith("local")) {
            local(conf);
        }
        conf.set("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
        conf.set("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
        for (String scheme : new String[] {"s3a", "s3"}) {
            conf.set("spark.delta.logStore." + scheme + ".impl", ConditionalLogStore.class.getName());
        }
        LakeConfiguration.entries(pipeline.lake()).forEach((key, value) -> conf.set("spark.hadoop." + key, value));
        conf.set("spark.sql.session.timeZone", "UTC");
        // dates before 1582 as they are in PostgreSQL, whose calendar is Spark's
        conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED");
        conf.set("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED");
        conf.setIfMissing("spark.sql.parquet.compression.codec", "zstd");
        conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
        // one pass compiles some 260 classes; Spark keeps 100, so that every pass would compile all of them anew
        conf.setIfMissing("spark.sql.codegen.cache.maxEntries", "5000");
        // a source table of 84 columns and its cleansed form in one step; Spark stops compiling at 100
        conf.setIfMissing("spark.sql.codegen.maxFields", "1000");
        // a number in their names, by which equal ones would differ
        conf.setIfMissing("spark.sql.codegen.useIdInClassName", "false");
        return SparkSession.builder().config(conf).getOrCreate();
    }

    /** One machine: no web page, no outside address, as few tasks as there are cores. */
    private static void local(SparkConf conf) {
        conf.setIfMissing("spark.ui.enabled", "false");
        conf.setIfMissing("spark.driver.host", "localhost");
        conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
        String cores = String.valueOf(Math.max(2, Runtime.getRuntime().availableProcessors()));
        conf.setIfMissing("spark.sql.shuffle.partitions", cores);
        // results that the driver holds are mostly all there is: not one partition first, then a job for the others
        conf.setIfMissing("spark.sql.limit.initialNumPartitions", cores);
        // texts of plans for the web page that nobody sees
        conf.setIfMissing("spark.sql.ui.explainMode", "simple");
    }

    private LakeSession() {}
}
