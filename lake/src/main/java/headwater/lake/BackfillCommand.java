package headwater.lake;

import headwater.lake.load.LoadLimits;
import headwater.lake.load.SourceEpoch;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code backfill}: the first load of every table or of one, or a later one of one table. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description =
                "Loads every table that is not loaded yet, from one snapshot of the source to the curated tables."
                        + " With --table one table, also one that is loaded: the merge then compares, and changes what differs.")
final class BackfillCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            description = "Only this table, by its name in the pipeline file; it may be loaded already.")
    private @Nullable String table;

    @Option(
            names = "--new-epoch",
            description =
                    "The source is another cluster now, as after a dump and restore, a major upgrade or a switch to a copy:"
                            + " begin its positions anew and load every table. Stop capture and merge before.")
    private boolean newEpoch;

    @Mixin
    private LoadLimits limits = new LoadLimits();

    @Option(
            names = "--raw-only",
            description = "Only copy the tables into raw/snapshots; the next backfill builds the others from there.")
    private boolean rawOnly;

    @Option(names = "--master", paramLabel = "URL", description = "Spark master (default: all cores of this machine).")
    private @Nullable String master;

    private final PrintStream out = System.out;

    @Override
    public Integer call() {
        limits.require();
        if (newEpoch && (table != null || rawOnly)) {
            throw new Failure(
                    Remedy.USAGE, "--new-epoch loads every table to its end: give it without --table and --raw-only.");
        }
        Pipeline file = pipeline.read();
        Optional<TableSpec> only = Optional.ofNullable(table).map(file::table);
        // starting Spark takes longer than finding out that it would be in vain
        LakeAccess.require(file.lake());
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.breakOff(
                    "Within " + limits.keepInWords()
                            + " the same command goes on under the same snapshot; later it reads again what is not whole.",
                    () -> load(file, only));
        }
        return 0;
    }

    private void load(Pipeline file, Optional<TableSpec> only) {
        try (SparkSession spark = LakeSession.start(file, master)) {
            if (newEpoch) {
                SourceEpoch.begin(spark, file, out);
            }
            load(spark, file, only);
        }
    }

    private void load(SparkSession spark, Pipeline file, Optional<TableSpec> only) {
        try (Backfill backfill = new Backfill(spark, file, limits, out)) {
            List<TableSpec> wanted = only.map(List::of).orElseGet(file::tables);
            if (rawOnly) {
                backfill.copy(wanted);
            } else {
                only.ifPresentOrElse(backfill::only, backfill::all);
            }
        }
    }
}
