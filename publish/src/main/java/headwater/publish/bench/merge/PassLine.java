package headwater.publish.bench.merge;

import headwater.lake.contract.Lsn;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pass as merge logs it.
 *
 * @param to the position that it reached
 * @param rows changes of raw that it read
 * @param figures what else it says, as it says it
 */
record PassLine(Lsn to, long rows, long tookMillis, String figures) {
    private static final Pattern LINE = Pattern.compile(" Merged to=(\\S+) rows=(\\d+) tookMs=(\\d+) ?(.*)$");

    /** Empty for a line that says something else. */
    static Optional<PassLine> of(String line) {
        Matcher parts = LINE.matcher(line);
        return parts.find()
                ? Optional.of(new PassLine(
                        Lsn.parse(parts.group(1)),
                        Long.parseLong(parts.group(2)),
                        Long.parseLong(parts.group(3)),
                        parts.group(4)))
                : Optional.empty();
    }

    double seconds() {
        return tookMillis / 1e3;
    }
}
