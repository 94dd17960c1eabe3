package headwater.lake.store;

import headwater.lake.pipeline.LakeSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** The Hadoop settings of every process that touches a lake. */
public final class LakeConfiguration {

    /** For Delta Kernel and plain file system access. */
    public static Configuration of(LakeSettings lake) {
        Configuration configuration = new Configuration();
        entries(lake).forEach(configuration::set);
        return configuration;
    }

    /** The same as a map from Hadoop key to value; the pipeline file's own {@code lake.options} come last. */
    public static Map<String, String> entries(LakeSettings lake) {
        Map<String, String> entries = new LinkedHashMap<>();
        for (String scheme : new String[] {"s3a", "s3"}) {
            entries.put("io.delta.kernel.logStore." + scheme + ".impl", ConditionalLogStore.class.getName());
        }
        entries.put("fs.s3a.impl", DataFileSystem.class.getName());
        // environment, system properties, profile, web identity, container and instance, in the SDK's own order
        entries.put(
                "fs.s3a.aws.credentials.provider",
                "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider");
        // an outage of more than seconds is for the process to say and to wait for, not for Hadoop, which is silent
        entries.put("fs.s3a.attempts.maximum", "3");
        entries.put("fs.s3a.retry.limit", "4");
        // the same of a store that takes connections and answers none: by default three and fifteen minutes
        entries.put("fs.s3a.connection.timeout", "30s");
        entries.put("fs.s3a.connection.part.upload.timeout", "2m");
        entries.put("fs.s3a.fast.upload.buffer", "bytebuffer");
        entries.put("fs.s3a.experimental.input.fadvise", "random");
        // an object store other than AWS may send no ETag for a folder marker
        entries.put("fs.s3a.change.detection.version.required", "false");
        // Kernel writes plain Parquet unless told
        entries.put("parquet.compression", "ZSTD");
        entries.putAll(lake.options());
        return entries;
    }

    private LakeConfiguration() {}
}
