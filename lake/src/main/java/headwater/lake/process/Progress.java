package headwater.lake.process;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rows done, rate and time left of long work: one line that rewrites itself on a terminal, a line every few seconds
 * otherwise. Safe for use by several threads.
 */
public final class Progress implements AutoCloseable {
    private static final boolean TERMINAL = System.console() != null;
    private static final Duration BETWEEN = TERMINAL ? Duration.ofMillis(500) : Duration.ofSeconds(5);

    private final String what;
    private final long expected;
    private final PrintStream out;
    private final long startedAt = System.nanoTime();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong nextPrintAt = new AtomicLong(startedAt + BETWEEN.toNanos());

    /**
     * @param what the work, such as {@code cms.prescriber_drug}
     * @param expected rows in all, an estimate; 0 if unknown
     */
    public Progress(String what, long expected, PrintStream out) {
        this.what = what;
        this.expected = expected;
        this.out = out;
    }

    /** Adds rows that were just done. */
    public void add(long rows) {
        done.addAndGet(rows);
        long now = System.nanoTime();
        long due = nextPrintAt.get();
        if (now >= due && nextPrintAt.compareAndSet(due, now + BETWEEN.toNanos())) {
            print(TERMINAL ? "\r" : "", TERMINAL ? "" : "\n");
        }
    }

    public long done() {
        return done.get();
    }

    /** Prints the last line: the rows in all and the rate. */
    @Override
    public void close() {
        print(TERMINAL ? "\r" : "", "\n");
    }

    private void print(String before, String after) {
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        long rows = done.get();
        double rate = rows / Math.max(seconds, 0.001);
        StringBuilder line = new StringBuilder(before)
                .append(String.format(
                        Locale.ROOT, "%-28s %,13d rows %,11.0f rows/s %7.1f s", what, rows, rate, seconds));
        if (expected > rows && rate > 0) {
            line.append(String.format(
                    Locale.ROOT, "  %3d %%, about %.0f s left", rows * 100 / expected, (expected - rows) / rate));
        }
        out.print(line.append("        ".repeat(TERMINAL ? 2 : 0)).append(after));
        out.flush();
    }
}
