package headwater.lake;

import headwater.lake.bench.LakeComparison;
import headwater.lake.contract.LakeLayout;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./headwater compare}: a part of {@code bench merge}, of no use to a person. */
@Command(
        name = "compare",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Compares all rows of the pipeline's lake with those of another: what bench merge ends with.")
final class CompareCommand implements Runnable {
    @Mixin
    private PipelineOption pipeline;

    @Option(names = "--with", paramLabel = "URI", required = true, description = "Root of the other lake.")
    private String other;

    private final PrintStream out = System.out;

    @Override
    public void run() {
        Pipeline file = pipeline.read();
        LakeAccess.require(file.lake());
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.breakOff("Nothing has changed.", () -> compare(file));
        }
    }

    private void compare(Pipeline file) {
        AtomicLong differences = new AtomicLong();
        try (SparkSession spark = LakeSession.start(file, null)) {
            new LakeComparison(spark, file, new LakeLayout(other)).tables().forEach((table, compared) -> {
                out.printf("%s: %,d rows, %,d differences%n", table, compared.rows(), compared.differences());
                compared.some().forEach(row -> out.println("  " + row));
                differences.addAndGet(compared.differences());
            });
        }
        if (differences.get() > 0) {
            throw new Failure(Remedy.BUG, "The lakes differ in " + differences.get() + " rows.");
        }
    }
}
