package headwater.lake;

import headwater.lake.load.LoadLimits;
import headwater.lake.pass.MergePass;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.DurationText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Retry;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import headwater.lake.store.StoreWatch;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code merge}: raw changes into the cleansed and curated tables. */
@Command(
        name = "merge",
        mixinStandardHelpOptions = true,
        description = "Merges raw changes into the cleansed and curated tables, once or again and again.")
final class MergeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(MergeCommand.class);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "Go on until Ctrl-C: a pass at once while there is work, else after this time, such as 30s.")
    private @Nullable Duration every;

    @Option(
            names = "--backfill",
            description = "First load the tables that are not loaded yet, as \"backfill\" does, in the same process.")
    private boolean backfill;

    @Option(names = "--master", paramLabel = "URL", description = "Spark master (default: all cores of this machine).")
    private @Nullable String master;

    private final PrintStream out = System.out;

    @Override
    public Integer call() {
        Pipeline file = pipeline.read();
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.breakOff("Every table stands where it stood or a step further; the same command goes on.", () -> {
                // starting Spark takes longer than finding out that it would be in vain; a service waits for the lake
                if (every == null) {
                    LakeAccess.require(file.lake());
                }
                try (MergeClaim claim = MergeClaim.of(file.lake())) {
                    if (every == null) {
                        claim.hold();
                    }
                    try (SparkSession spark = LakeSession.start(file, master)) {
                        if (every == null) {
                            once(spark, file);
                        } else {
                            Duration interval = every;
                            StoreWatch.during(file.lake(), () -> serve(spark, file, interval, claim, shutdown));
                        }
                    }
                }
            });
        }
        return 0;
    }

    private void load(SparkSession spark, Pipeline file) {
        // a bucket that does not exist, or refuses, is told in a sentence; Spark would try it again for minutes
        LakeAccess.require(file.lake());
        try (Backfill load = new Backfill(spark, file, new LoadLimits(), out)) {
            load.all();
        }
    }

    private void once(SparkSession spark, Pipeline file) {
        if (backfill) {
            load(spark, file);
        }
        try (MergePass pass = new MergePass(spark, file)) {
            switch (pass.run()) {
                case NO_RAW ->
                    throw new Failure(
                            Remedy.OPERATOR,
                            "Cannot merge: there is no " + file.layout().rawChanges()
                                    + " yet. Start \"./headwater capture\"; it creates the table.");
                case IDLE -> out.println("Nothing to merge: every table is as new as raw/changes.");
                case MOVED -> {
                    if (pass.parked().isEmpty()) {
                        out.println("Merged all changes that raw/changes held.");
                    }
                }
            }
            pass.parked().ifPresent(failure -> {
                throw failure;
            });
        }
    }

    private void serve(SparkSession spark, Pipeline file, Duration every, MergeClaim claim, Shutdown shutdown) {
        Retry retry = new Retry(LONGEST_WAIT);
        boolean loaded = !backfill;
        while (!loaded && !shutdown.requested()) {
            loaded = done(
                    "Backfill",
                    () -> {
                        claim.hold();
                        load(spark, file);
                    },
                    retry,
                    shutdown);
        }
        try (MergePass pass = new MergePass(spark, file)) {
            AtomicBoolean told = new AtomicBoolean();
            while (!shutdown.requested()) {
                done(
                        "Merge pass",
                        () -> {
                            claim.hold();
                            pass(pass, every, shutdown, told);
                        },
                        retry,
                        shutdown);
            }
        }
        LOG.info("Stopped");
    }

    private static void pass(MergePass pass, Duration every, Shutdown shutdown, AtomicBoolean told) {
        MergePass.Outcome outcome = pass.run();
        if (outcome == MergePass.Outcome.NO_RAW && !told.getAndSet(true)) {
            LOG.info("Waiting for capture to create raw/changes");
        }
        if (outcome != MergePass.Outcome.MOVED) {
            shutdown.await(every);
        }
    }

    /** Whether the step came to its end; if not, it is due again, since what passes by itself has been waited for. */
    private static boolean done(String step, Runnable work, Retry retry, Shutdown shutdown) {
        try {
            work.run();
            retry.succeeded();
            return true;
        } catch (RuntimeException e) {
            if (shutdown.requested()) {
                // Spark goes down with the JVM; the next run goes on from what is durable
                LOG.debug("{} was cut short", step, e);
            } else if (e instanceof Failure failure && failure.remedy() != Remedy.RETRY) {
                throw e;
            } else {
                retry.after(step, e, shutdown);
            }
            return false;
        }
    }
}
