package headwater.capture.partd;

import headwater.capture.partd.load.CmsDataset;
import headwater.capture.partd.load.Load;
import headwater.capture.partd.load.LoadCounts;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import java.nio.file.Path;
import java.time.Year;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code load}: real CMS files into the source. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Loads CMS files (CSV, plain or gzip) into PostgreSQL: each whole, or nothing of it if it is damaged.",
            "The files together are the whole of that dataset and year. Where rows of it are there already, only the"
                    + " differences are written, as inserts, updates and deletes in one transaction per file; rows that no"
                    + " file has are deleted with the last."
        },
        footer = {
            "",
            "Columns are found by the names in the file's first line, in any case and order. A column that the file lacks is"
                    + " null in new rows and stays as it is in others. A blank field is null. Numbers may have thousands"
                    + " commas. A line that is not UTF-8 is read as Windows-1252."
        })
public final class LoadCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(LoadCommand.class);
    /** Part D began in 2006. */
    private static final int FIRST_YEAR = 2006;

    @Mixin
    private PipelineOption pipeline;

    @Option(names = "--dataset", required = true, description = "one of ${COMPLETION-CANDIDATES}")
    private CmsDataset dataset;

    @Option(names = "--year", description = "of the rows: CMS files do not carry it; the city table (state) has none")
    private Integer year;

    @Option(names = "--dry-run", description = "read and compare everything, say what would change, change nothing")
    private boolean dryRun;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "the dataset's files")
    private List<Path> files;

    @Override
    public Integer call() {
        OptionalInt of = year();
        long startedAt = System.nanoTime();
        try (Shutdown shutdown = new Shutdown()) {
            LoadCounts counts =
                    new Load(pipeline.read().source(), dataset, of, shutdown, System.out).run(files, !dryRun);
            System.out.println(dataset.qualified() + (of.isPresent() ? " " + of.getAsInt() : "") + ": " + counts
                    + (dryRun ? " (dry run: nothing was changed)" : ""));
            LOG.info(
                    "Loaded dataset={} year={} files={} {} tookMs={}",
                    dataset,
                    year,
                    files.size(),
                    counts,
                    (System.nanoTime() - startedAt) / 1_000_000);
        }
        return 0;
    }

    private OptionalInt year() {
        if (!dataset.yearly()) {
            usage(year != null, "Dataset " + dataset + " has no year: leave --year out.");
            return OptionalInt.empty();
        }
        int last = Year.now(ZoneOffset.UTC).getValue();
        usage(year == null, "Give --year: the files of dataset " + dataset + " do not say of which year they are.");
        usage(
                year < FIRST_YEAR || year > last,
                "--year must be from " + FIRST_YEAR + " to " + last + " (is " + year + ").");
        return OptionalInt.of(year);
    }

    private static void usage(boolean wrong, String message) {
        if (wrong) {
            throw new Failure(Remedy.USAGE, message);
        }
    }
}
