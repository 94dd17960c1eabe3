package headwater.capture.partd;

import headwater.capture.partd.generate.CopyLoader;
import headwater.capture.partd.generate.GeneratedYear;
import headwater.capture.partd.generate.PartDShape;
import headwater.capture.partd.generate.PartDSize;
import headwater.capture.partd.generate.ReferenceRows;
import headwater.capture.partd.traffic.ChangeTraffic;
import headwater.capture.partd.traffic.TrafficMix;
import headwater.capture.partd.traffic.TrafficTotals;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.DurationText;
import headwater.lake.process.Failure;
import headwater.lake.process.Progress;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code generate}: synthetic Medicare Part D rows, or change traffic on the rows that are there. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Synthetic Medicare Part D rows (--rows), or change traffic (--changes), into PostgreSQL.",
        footer = {
            "",
            "A load that was stopped or killed goes on when the same command runs again.",
            "Change traffic runs until Ctrl-C or the end of --for, and ends with one line of totals."
        })
public final class GenerateCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(GenerateCommand.class);

    @Mixin
    private PipelineOption pipeline;

    @Option(names = "--rows", paramLabel = "N", description = "rows of prescriber_drug; the other tables follow")
    private @Nullable Long rows;

    @Option(names = "--year", description = "of the rows; default: 2020")
    private @Nullable Integer year;

    @Option(names = "--parallelism", paramLabel = "N", description = "connections that COPY; default: 2")
    private @Nullable Integer parallelism;

    @Option(names = "--if-empty", description = "do nothing if the year has rows already")
    private boolean ifEmpty;

    @Option(names = "--changes", paramLabel = "N", description = "row changes per second")
    private @Nullable Integer changes;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "how long to change rows, such as 60s or 10m")
    private @Nullable Duration time;

    @Option(
            names = "--mix",
            paramLabel = "KIND=SHARE,...",
            description = "shares of row changes; default: " + TrafficMix.DEFAULT_TEXT)
    private @Nullable String mix;

    @Option(names = "--seed", description = "the same seed makes the same rows; default: ${DEFAULT-VALUE}")
    private long seed = 1;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws SQLException {
        checkArguments();
        TrafficMix shares = mix == null ? TrafficMix.standard() : TrafficMix.parse(mix);
        SourceSettings source = pipeline.read().source();
        try (Shutdown shutdown = new Shutdown()) {
            if (rows != null) {
                return load(source, rows, shutdown) ? 0 : 1;
            }
            if (changes != null) {
                change(source, changes, shares, shutdown);
            }
            return 0;
        }
    }

    /** Returns whether the year is whole. */
    private boolean load(SourceSettings source, long count, Shutdown shutdown) throws SQLException {
        int of = year == null ? 2020 : year;
        long startedAt = System.nanoTime();
        try (Connection connection = source.open()) {
            GeneratedYear.createTables(connection);
            if (ifEmpty && GeneratedYear.holdsRows(connection, of)) {
                out.println("Nothing to generate: the tables hold rows of year " + of + " already.");
                return true;
            }
            PartDShape shape = PartDShape.of(count, seed);
            GeneratedYear begun = GeneratedYear.begin(connection, of, shape);
            boolean whole;
            try (Progress progress = new Progress("cms.prescriber_drug", count, out)) {
                whole = new CopyLoader(source, shape, begun, shutdown)
                        .load(parallelism == null ? 2 : parallelism, progress::add);
            }
            if (!whole) {
                out.println("Stopped. Run the same command again: it goes on where it stopped.");
                return false;
            }
            begun.finish(connection);
            report(shape, begun);
        }
        LOG.info(
                "Generated year={} rows={} seed={} tookMs={}",
                of,
                count,
                seed,
                (System.nanoTime() - startedAt) / 1_000_000);
        return true;
    }

    private void report(PartDShape shape, GeneratedYear year) {
        line("cms.prescriber", shape.size().prescribers());
        line("cms.drug", new ReferenceRows(shape).drugRows());
        if (year.firstStateId() > 0) {
            line("cms.state", shape.places().cityRows().size());
        } else {
            out.println("cms.state                    kept as it was: cities have no year");
        }
    }

    private void line(String table, long count) {
        out.printf(Locale.ROOT, "%-28s %,13d rows%n", table, count);
    }

    private void change(SourceSettings source, int perSecond, TrafficMix shares, Shutdown shutdown) {
        long endsAt = time == null ? Long.MAX_VALUE : System.nanoTime() + time.toNanos();
        TrafficTotals totals = new ChangeTraffic(source, perSecond, shares, seed, out)
                .run(shutdown, so -> time != null && System.nanoTime() >= endsAt);
        out.println("traffic: " + totals);
    }

    private void checkArguments() {
        usage((rows == null) == (changes == null), "Give one of --rows N and --changes N.");
        usage(
                rows != null && (time != null || mix != null),
                "--for and --mix go with --changes: --rows loads a number of rows.");
        usage(
                changes != null && (year != null || parallelism != null || ifEmpty),
                "--year, --parallelism and --if-empty go with --rows: --changes works on the rows that are there.");
        range("--rows", rows, 1, PartDSize.MOST_ROWS);
        range("--year", year, 1900, 9999);
        range("--parallelism", parallelism, 1, 64);
        range("--changes", changes, 1, 100_000);
    }

    private static void range(String option, @Nullable Number value, long least, long most) {
        usage(
                value != null && (value.longValue() < least || value.longValue() > most),
                option + " must be a whole number from " + least + " to " + most + " (is " + value + ").");
    }

    private static void usage(boolean wrong, String message) {
        if (wrong) {
            throw new Failure(Remedy.USAGE, message);
        }
    }
}
