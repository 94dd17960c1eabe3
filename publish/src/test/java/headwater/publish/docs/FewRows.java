package headwater.publish.docs;

import headwater.publish.demo.HeadwaterProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The pages' tables have a handful of rows: over so few interpreting a query takes half the time of compiling it. */
final class FewRows {
    private static final String INTERPRETED =
            " -Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN";

    /** What a command of this build needs to run beside others; {@code logs} takes its log file. */
    static Map<String, String> environment(Path logs) {
        Map<String, String> environment = new HashMap<>(HeadwaterProcess.environment(logs));
        environment.merge("HEADWATER_JVM", INTERPRETED, String::concat);
        return environment;
    }

    private FewRows() {}
}
