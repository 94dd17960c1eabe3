package headwater.publish.bench.capture;

import headwater.publish.bench.GrowingFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The heap of a JVM as its log of collections tells it. */
final class HeapLog implements AutoCloseable {
    private static final Pattern PAUSE = Pattern.compile("^\\[([0-9.]+)s].*Pause .* (\\d+)M->(\\d+)M\\((\\d+)M\\)");

    /**
     * One collection.
     *
     * @param second of the JVM's life
     * @param before MiB that were in use
     * @param after MiB that were still in use
     * @param full whether all that is not in use any more is gone: other collections leave what is old
     */
    record Collection(double second, long before, long after, boolean full) {}

    private final GrowingFile file;
    private final List<Collection> collections = new ArrayList<>();

    HeapLog(Path file) {
        this.file = new GrowingFile(file);
    }

    /** The option that makes a JVM write such a log. */
    static String option(Path file) {
        return "-Xlog:gc:file=" + file + ":uptime:filecount=0";
    }

    /** All collections so far. */
    List<Collection> collections() {
        for (String line : file.lines()) {
            Matcher parts = PAUSE.matcher(line);
            if (parts.find()) {
                collections.add(new Collection(
                        Double.parseDouble(parts.group(1)),
                        Long.parseLong(parts.group(2)),
                        Long.parseLong(parts.group(3)),
                        line.contains("Pause Full")));
            }
        }
        return List.copyOf(collections);
    }

    /** The most MiB that were in use at once. */
    long peak() {
        return collections().stream().mapToLong(Collection::before).max().orElse(0);
    }

    /** The most MiB that a collection left. */
    long peakLive() {
        return collections().stream().mapToLong(Collection::after).max().orElse(0);
    }

    @Override
    public void close() throws java.io.IOException {
        file.close();
    }
}
