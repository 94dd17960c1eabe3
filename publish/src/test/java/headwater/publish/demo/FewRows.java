package headwater.publish.demo;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Some tests have a handful of rows, or thousands: over so few interpreting a query takes less than compiling it. */
public final class FewRows {
    private static final String INTERPRETED =
            " -Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN";

    /** What a command of this build needs to run beside others; {@code logs} takes its log file. */
    public static Map<String, String> environment(Path logs) {
        Map<String, String> environment = new HashMap<>(HeadwaterProcess.environment(logs));
        environment.merge("HEADWATER_JVM", INTERPRETED, String::concat);
        return environment;
    }

    private FewRows() {}
}
