package headwater.publish.bench.capture;

import headwater.lake.contract.Lsn;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A commit as capture logs it.
 *
 * @param at when it was durable
 * @param from the position before it
 * @param to the position that it reaches
 */
record CommitLine(Instant at, long rows, Lsn from, Lsn to, long tookMillis) {
    private static final Pattern LINE = Pattern.compile(
            "^(\\S+) INFO .*Committed raw batch rows=(\\d+) from=(\\S+) to=(\\S+) version=\\d+ tookMs=(\\d+)");

    /** Empty for a line that says something else. */
    static Optional<CommitLine> of(String line) {
        Matcher parts = LINE.matcher(line);
        return parts.find()
                ? Optional.of(new CommitLine(
                        Instant.parse(parts.group(1)),
                        Long.parseLong(parts.group(2)),
                        Lsn.parse(parts.group(3)),
                        Lsn.parse(parts.group(4)),
                        Long.parseLong(parts.group(5))))
                : Optional.empty();
    }
}
