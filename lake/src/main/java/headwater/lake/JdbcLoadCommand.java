package headwater.lake;

import headwater.lake.bench.JdbcTable;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import headwater.lake.table.SparkFailure;
import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./headwater jdbc-load}: a part of {@code bench backfill}, of no use to a person. */
@Command(
        name = "jdbc-load",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Copies every table through Spark's JDBC source: what bench backfill compares with.")
final class JdbcLoadCommand implements Runnable {
    @Mixin
    private PipelineOption pipeline;

    @Option(names = "--into", paramLabel = "URI", required = true, description = "Folder of the new Delta tables.")
    private String into;

    private final PrintStream out = System.out;

    @Override
    public void run() {
        Pipeline file = pipeline.read();
        LakeAccess.require(file.lake());
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.breakOff("Remove " + into + ".", () -> load(file));
        }
    }

    private void load(Pipeline file) {
        try (SparkSession spark = LakeSession.start(file, null)) {
            long startedAt = System.nanoTime();
            for (TableSpec spec : file.tables()) {
                SourceTable table = spec.source();
                SparkFailure.explain(
                        "copy " + table,
                        () -> new JdbcTable(spark, file.source(), table).copy(into + "/" + table, out));
            }
            out.printf("Loaded %d tables in %.1f s.%n", file.tables().size(), (System.nanoTime() - startedAt) / 1e9);
        }
    }
}
