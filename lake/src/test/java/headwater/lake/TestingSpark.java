package headwater.lake;

import headwater.lake.pipeline.Pipeline;
import org.apache.spark.sql.SparkSession;

/** The one Spark of all tests in a JVM: starting it takes longer than most of them. */
public final class TestingSpark {
    private static SparkSession spark;

    public static synchronized SparkSession of(Pipeline pipeline) {
        if (spark == null) {
            spark = LakeSession.start(pipeline, "local[2]");
        }
        return spark;
    }

    private TestingSpark() {}
}
