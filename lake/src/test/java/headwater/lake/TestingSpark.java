package headwater.lake;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import org.apache.spark.sql.SparkSession;

/** The one Spark of all tests in a JVM: starting it takes longer than most of them. */
public final class TestingSpark {
    private static SparkSession spark;

    /** For what needs no pipeline of its own. */
    public static SparkSession any() {
        return of(PipelineFile.parse("shop.yaml", """
                name: shop
                source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
                lake: {root: "file:/tmp/lake"}
                target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
                tables:
                  orders: {source: public.orders, key: [id], columns: {id: id}}
                """, name -> "x"));
    }

    public static synchronized SparkSession of(Pipeline pipeline) {
        if (spark == null) {
            System.setProperty("spark.delta.logStore.file.impl", HeldLogStore.class.getName());
            spark = LakeSession.start(pipeline, "local[2]");
        }
        return spark;
    }

    private TestingSpark() {}
}
