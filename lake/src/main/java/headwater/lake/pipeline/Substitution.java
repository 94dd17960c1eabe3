package headwater.lake.pipeline;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts environment variables into values. */
final class Substitution {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");

    private final UnaryOperator<String> environment;
    private final Faults faults;

    Substitution(UnaryOperator<String> environment, Faults faults) {
        this.environment = environment;
        this.faults = faults;
    }

    UnaryOperator<String> environment() {
        return environment;
    }

    String apply(String path, int line, String raw) {
        Matcher variables = VARIABLE.matcher(raw);
        StringBuilder result = new StringBuilder();
        while (variables.find()) {
            String value = environment.apply(variables.group(1));
            if (value == null || value.isEmpty()) {
                value = variables.group(2);
            }
            if (value == null) {
                faults.add(line, path + " needs the environment variable " + variables.group(1) + ", which is not set");
                value = "";
            }
            variables.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        return variables.appendTail(result).toString();
    }
}
