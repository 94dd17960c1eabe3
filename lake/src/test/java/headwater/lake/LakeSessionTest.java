package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeSessionTest {
    private final SparkSession spark = TestingSpark.any();

    @Test
    void whatIsSentToEachTaskIsNotHadoopsDefaultsForEverythingElse(@TempDir Path folder) {
        spark.range(10).write().format("delta").save(folder.resolve("table").toString());
        assertThat(spark.read()
                        .format("delta")
                        .load(folder.resolve("table").toString())
                        .count())
                .isEqualTo(10);

        Configuration sent = spark.newSession().sessionState().newHadoopConf();

        // all there are, and no others, were they read anew since
        assertThat(new Configuration().size()).isGreaterThan(900);
        assertThat(sent.size()).isLessThan(300);
        assertThat(sent.get("mapreduce.job.maps")).isNull();
        assertThat(sent.get("hadoop.http.filter.initializers")).isNull();
    }

    @Test
    void whatStorageAsksForAndWhatIsSetStays() {
        Configuration hadoop = new Configuration();
        hadoop.set("mapreduce.job.maps", "7");

        LakeSession.forgetDefaults(hadoop);

        assertThat(hadoop.get("mapreduce.job.maps")).isEqualTo("7");
        assertThat(hadoop.get("mapreduce.job.reduces")).isNull();
        assertThat(hadoop.get("fs.s3a.impl")).isEqualTo("org.apache.hadoop.fs.s3a.S3AFileSystem");
        assertThat(hadoop.get("hadoop.tmp.dir")).isNotEmpty();
        assertThat(hadoop.get("hadoop.security.authentication")).isEqualTo("simple");
    }
}
