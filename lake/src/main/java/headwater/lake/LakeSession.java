package headwater.lake;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.store.ConditionalLogStore;
import headwater.lake.store.LakeConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** Builds the Spark session of every lake command. */
public final class LakeSession {
    private static final Set<String> DEFAULTS = Set.of("core-default.xml", "mapred-default.xml", "yarn-default.xml");
    /** What storage may ask for. */
    private static final List<String> KEPT =
            List.of("fs.", "io.", "hadoop.tmp.dir", "hadoop.security.", "mapreduce.outputcommitter.");

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
        // rows in the driver have java.time's days: java.sql.Date has no 5 to 14 October 1582
        conf.set("spark.sql.datetime.java8API.enabled", "true");
        conf.setIfMissing("spark.sql.parquet.compression.codec", "zstd");
        conf.setIfMissing("spark.databricks.delta.snapshotPartitions", "2");
        // one pass compiles some 260 classes; Spark keeps 100, so that every pass would compile all of them anew
        conf.setIfMissing("spark.sql.codegen.cache.maxEntries", "5000");
        // a source table of 84 columns and its cleansed form in one step; Spark stops compiling at 100
        conf.setIfMissing("spark.sql.codegen.maxFields", "1000");
        // a number in their names, by which equal ones would differ
        conf.setIfMissing("spark.sql.codegen.useIdInClassName", "false");
        SparkSession session = SparkSession.builder().config(conf).getOrCreate();
        if (session.sparkContext().isLocal()) {
            forgetDefaults(session.sparkContext().hadoopConfiguration());
        }
        return session;
    }

    /**
     * Takes out what Hadoop's own files of defaults say of MapReduce, YARN, web pages and servers. Each read of a table sends
     * the whole configuration to its tasks, a thousand entries of which each is compressed by itself: an eighth of a
     * small merge pass. Whoever asks for such an entry has the same default in the code.
     */
    static void forgetDefaults(Configuration hadoop) {
        try {
            // file systems that add files of defaults, upon which every configuration is read anew, do so as they are
            // loaded
            FileSystem.getFileSystemClass("s3a", hadoop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> names = new ArrayList<>();
        hadoop.forEach(entry -> names.add(entry.getKey()));
        names.removeIf(name -> KEPT.stream().anyMatch(name::startsWith) || !isDefault(hadoop.getPropertySources(name)));
        names.forEach(hadoop::unset);
    }

    private static boolean isDefault(String @Nullable [] sources) {
        return sources != null && sources.length == 1 && DEFAULTS.contains(sources[0]);
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
