package headwater.lake;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code backfill}: the first load of every table, or of one. */
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description =
                "Loads every table that is not loaded yet, from one snapshot of the source to the curated tables.")
final class BackfillCommand implements Callable<Integer> {
    @Option(
            names = "--pipeline",
            paramLabel = "FILE|NAME",
            defaultValue = PipelineFile.SHIPPED,
            description = "Pipeline file, or the name of a shipped one (default: ${DEFAULT-VALUE}).")
    private String pipeline;

    @Option(names = "--table", paramLabel = "TABLE", description = "Only this table, by its name in the pipeline file.")
    private String table;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            description = "Connections that read the source at a time (default: one per core).")
    private Integer parallelism;

    @Option(names = "--master", paramLabel = "URL", description = "Spark master (default: all cores of this machine).")
    private String master;

    @Override
    public Integer call() {
        Pipeline file = PipelineFile.read(pipeline);
        OptionalInt readers = parallelism == null ? OptionalInt.empty() : OptionalInt.of(parallelism);
        try (SparkSession spark = LakeSession.start(file, master);
                Backfill backfill = new Backfill(spark, file, readers, System.out)) {
            if (table == null) {
                backfill.all();
            } else {
                backfill.only(table);
            }
        }
        return 0;
    }
}
