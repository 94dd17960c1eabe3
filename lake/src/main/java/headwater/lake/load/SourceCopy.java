package headwater.lake.load;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Progress;
import headwater.lake.raw.LoadFile;
import headwater.lake.raw.PageRange;
import headwater.lake.raw.SourceLoad;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies tables as one snapshot of the source shows them: as many readers as it may use take page ranges from one queue, the
 * largest table first. Each range is a Spark job of one task, so that it is durable as soon as it is read.
 */
public final class SourceCopy {
    private static final Logger LOG = LoggerFactory.getLogger(SourceCopy.class);

    private final SparkSession spark;
    private final SourceExport export;
    private final LoadLimits limits;
    private final PrintStream out;

    private record Piece(TableCopy table, PageRange range, RangeCopy copy) {}

    /** @param out where progress is shown */
    public SourceCopy(SparkSession spark, SourceExport export, LoadLimits limits, PrintStream out) {
        this.spark = spark;
        this.export = export;
        this.limits = limits;
        this.out = out;
    }

    /** Copies what is not durable yet of some tables; returns the number of rows that were read. */
    public long run(List<SourceLoad> loads) {
        List<TableCopy> tables = begin(loads);
        tables.stream()
                .filter(table -> table.kept() > 0)
                .forEach(table -> out.printf(
                        "Kept %,d rows of %s that were read under the same snapshot.%n",
                        table.kept(), table.spec().source()));
        Queue<Piece> pieces = pieces(tables);
        long expected = tables.stream().mapToLong(table -> table.plan().rows()).sum();
        long kept = tables.stream().mapToLong(TableCopy::kept).sum();
        String what = tables.size() == 1 ? tables.get(0).spec().source().toString() : tables.size() + " tables";
        try (Progress progress = new Progress(what, Math.max(0, expected - kept), out)) {
            read(pieces, progress);
        }
        return tables.stream().mapToLong(TableCopy::rows).sum() - kept;
    }

    private List<TableCopy> begin(List<SourceLoad> loads) {
        try (SourceCatalog catalog = new SourceCatalog(export.source())) {
            return loads.stream()
                    .map(load -> TableCopy.begin(load, catalog.plan(load.spec()), export.lsn()))
                    .toList();
        }
    }

    private Queue<Piece> pieces(List<TableCopy> tables) {
        SerializableConfiguration configuration =
                new SerializableConfiguration(spark.sessionState().newHadoopConf());
        Queue<Piece> pieces = new ConcurrentLinkedQueue<>();
        tables.stream()
                .sorted(Comparator.comparing(
                                (TableCopy table) -> table.missing().size())
                        .reversed())
                .forEach(table -> {
                    RangeCopy copy = copy(table, configuration);
                    table.missing().forEach(range -> pieces.add(new Piece(table, range, copy)));
                });
        return pieces;
    }

    private RangeCopy copy(TableCopy table, SerializableConfiguration configuration) {
        SourceSettings source = export.source();
        return new RangeCopy(
                source,
                table.spec().source().toString(),
                table.plan().columns(),
                table.load().epoch(),
                export.lsn(),
                export.snapshot().name(),
                table.load().log().path(),
                SourceLoad.folder(export.lsn()),
                SourceLoad.files(table.plan().schema()),
                spark.conf().get("spark.sql.parquet.compression.codec"),
                limits.rateOfOne(readers()),
                configuration);
    }

    /** One more than there are cores: it reads while another waits for its commit. */
    private int readers() {
        return limits.readers(spark.sparkContext().defaultParallelism() + 1);
    }

    private void read(Queue<Piece> pieces, Progress progress) {
        int readers = readers();
        ExecutorService threads = Executors.newFixedThreadPool(readers, work -> {
            Thread thread = new Thread(work, "reader");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int reader = 0; reader < readers; reader++) {
                running.add(threads.submit(() -> readAll(pieces, progress)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while tables were read", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private void readAll(Queue<Piece> pieces, Progress progress) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        try {
            for (Piece piece = pieces.poll(); piece != null; piece = pieces.poll()) {
                LOG.debug("Reading table={} range={}", piece.table().spec().source(), piece.range());
                LoadFile file = context.parallelize(List.of(piece.range()), 1)
                        .map(piece.copy())
                        .collect()
                        .get(0);
                piece.table().commit(file);
                progress.add(file.rows());
            }
        } finally {
            // one that failed ends the others
            pieces.clear();
        }
    }
}
