package headwater.lake.load;

import headwater.lake.process.DurationText;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a load may ask of the source, as options of a command; without them as much as the cores can use. */
public final class LoadLimits {
    /** The claim, the exporter with its locks, and the catalog. */
    private static final int NOT_READING = 4;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description =
                    "Page ranges that are read at a time, each over a connection (default: one per core, and one).")
    private @Nullable Integer parallelism;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections to the source in all, of which " + NOT_READING + " do not read.")
    private @Nullable Integer connections;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description =
                    "Rows a second that are read from the source at most, for one that is busy (default: no limit).")
    private @Nullable Integer rate;

    @Option(
            names = "--keep-snapshot",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = DurationText.class,
            description =
                    "How long the snapshot of a load that broke off waits for the command to be given again (default: 10m).")
    private Duration keep = Duration.ofMinutes(10);

    @Option(
            names = "--lock-timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = DurationText.class,
            description =
                    "How long to wait for a lock of another session, or for one that was in a transaction (default: 60s).")
    private Duration patience = Duration.ofSeconds(60);

    /** Refuses numbers that make no sense. */
    public void require() {
        atLeast(1, parallelism, "--parallelism");
        atLeast(NOT_READING + 1, connections, "--max-connections");
        atLeast(1, rate, "--rate");
    }

    Duration keep() {
        return keep;
    }

    /** {@link #keep} as messages say it. */
    public String keepInWords() {
        return keep.toSeconds() % 60 == 0 ? keep.toMinutes() + " minutes" : keep.toSeconds() + " seconds";
    }

    Duration patience() {
        return patience;
    }

    /** @param useful how many the cores can use */
    int readers(int useful) {
        int wanted = parallelism == null ? useful : parallelism;
        return connections == null ? wanted : Math.min(wanted, connections - NOT_READING);
    }

    /** Rows a second, 0 for no limit. */
    double rateOfOne(int readers) {
        return rate == null ? 0 : (double) rate / readers;
    }

    private void atLeast(int least, @Nullable Integer value, String option) {
        if (value != null && value < least) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(),
                    option + " must be at least " + least + " (is " + value + ")");
        }
    }
}
