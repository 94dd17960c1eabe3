package headwater.lake.load;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.raw.RawChanges;
import headwater.lake.source.SourceCluster;
import headwater.lake.watch.SourceWatch;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.spark.sql.SparkSession;

/**
 * Another cluster in the place of the one that raw/changes is of, as after a dump and restore, a major upgrade or a
 * switch to a copy. Its positions begin anew, so that they count in a new epoch; every table is loaded in it once, and
 * what raw/changes holds of the epochs before stays as it is.
 */
public final class SourceEpoch {

    /** Begins the epoch of the cluster that the source is now, unless the lake is in it already. */
    public static void begin(SparkSession spark, Pipeline pipeline, PrintStream out) {
        RawChanges raw = new RawChanges(spark, pipeline.layout());
        CaptureOffset before = raw.newest()
                .orElseThrow(
                        () -> new Failure(
                                Remedy.OPERATOR,
                                "Cannot begin an epoch: " + pipeline.layout().rawChanges()
                                        + " does not exist, so there is none before. Run \"./headwater backfill\" without --new-epoch."));
        SourceCluster cluster = cluster(pipeline);
        if (cluster.identifier().equals(before.systemIdentifier())) {
            out.println("Kept epoch " + before.epoch() + ": it is of this cluster already.");
            return;
        }
        Lsn start = start(pipeline);
        SourceWatch.forget(pipeline.lake());
        raw.begin(new CaptureOffset(
                before.epoch() + 1,
                pipeline.source().slot(),
                cluster.identifier(),
                cluster.timeline(),
                start.value(),
                start.value(),
                Instant.now().toString(),
                pipeline.tables().stream()
                        .map(table -> table.source().toString())
                        .distinct()
                        .toList(),
                before.rows()));
        out.println("Began epoch " + (before.epoch() + 1) + " of the cluster " + cluster.identifier() + " at " + start
                + ".");
    }

    private static SourceCluster cluster(Pipeline pipeline) {
        try {
            return SourceCluster.of(pipeline.source());
        } catch (SQLException e) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot ask PostgreSQL at " + pipeline.source().url() + " which cluster it is: " + Failure.reason(e)
                            + ". It is safe to try again.",
                    e);
        }
    }

    private static Lsn start(Pipeline pipeline) {
        try (SourceCatalog catalog = new SourceCatalog(pipeline.source())) {
            return catalog.start(pipeline.source());
        }
    }

    private SourceEpoch() {}
}
