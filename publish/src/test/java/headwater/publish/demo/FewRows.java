package headwater.publish.demo;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Some tests have a handful of rows, or thousands: over so few compiling a query, planning it again at each stage and
 * running it in several tasks take longer than the query.
 */
public final class FewRows {
    /** Interpreted, planned once, and in one task a step. */
    private static final String PLAIN =
            " -Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
                    + " -Dspark.sql.adaptive.enabled=false -Dspark.sql.shuffle.partitions=1 -Dspark.default.parallelism=1"
                    + " -Dspark.sql.files.minPartitionNum=1 -Dspark.databricks.delta.snapshotPartitions=1";

    /** What a command of this build needs to run beside others; {@code logs} takes its log file. */
    public static Map<String, String> environment(Path logs) {
        Map<String, String> environment = new HashMap<>(HeadwaterProcess.environment(logs));
        environment.merge("HEADWATER_JVM", PLAIN, String::concat);
        return environment;
    }

    private FewRows() {}
}
