package headwater.publish;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 30s}, {@code 5m} or {@code 1h}. */
final class IntervalConverter implements ITypeConverter<Duration> {
    private static final Pattern INTERVAL = Pattern.compile("([1-9][0-9]{0,5})(ms|s|m|h)");

    @Override
    public Duration convert(String text) {
        Matcher parts = INTERVAL.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException("must be an interval such as 30s (is \"" + text + "\")");
        }
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
