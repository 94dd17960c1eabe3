package headwater.publish.bench.backfill;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.LakeSettings;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Progress;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeConfiguration;
import headwater.publish.bench.BenchServers;
import headwater.publish.bench.CommandRun;
import headwater.publish.bench.Figure;
import headwater.publish.bench.ProcessUsage;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The sides in turns over the same tables, each from an empty lake, the chain from an empty MySQL as well. */
final class BackfillBench {
    private final BenchServers servers;
    private final PrintStream out;
    private final Shutdown shutdown;

    BackfillBench(BenchServers servers, PrintStream out, Shutdown shutdown) {
        this.servers = servers;
        this.out = out;
        this.shutdown = shutdown;
    }

    /**
     * Generates the tables, and measures.
     *
     * @param rows of cms.prescriber_drug
     * @param sides in their order
     */
    List<Figure> run(long rows, int pairs, SortedSet<Side> sides) throws SQLException, IOException {
        command("made", "generate", "--rows", String.valueOf(rows));
        command("made", "setup");
        LoadSource source = LoadSource.of(servers, servers.pipeline("made"), out, shutdown);
        Comparison comparison = new Comparison();
        for (int pair = 1; pair <= pairs; pair++) {
            for (Side side : sides) {
                comparison.add(measure(side, source, side + "-" + pair));
            }
        }
        out.println(comparison.medians());
        return comparison.figures();
    }

    /** What a side ran, and the most memory of one of its JVMs. */
    private record Work(String parts, long peakBytes) {
        static Work of(CommandRun... runs) {
            return new Work(
                    List.of(runs).stream().map(CommandRun::toString).collect(Collectors.joining(", ")),
                    List.of(runs).stream()
                            .mapToLong(CommandRun::peakBytes)
                            .max()
                            .orElseThrow());
        }
    }

    private BackfillFigures measure(Side side, LoadSource source, String lake) throws SQLException, IOException {
        Pipeline pipeline = servers.pipeline(lake);
        if (side == Side.CHAIN) {
            PublishedRows.drop(pipeline.target());
            command(lake, "setup");
        }
        EmbeddedServers running = servers.servers();
        CpuTimes before = CpuTimes.now(running);
        long startedAt = System.nanoTime();
        Work work = work(side, source, lake);
        Duration time = Duration.ofNanos(System.nanoTime() - startedAt);
        CpuTimes cpu = CpuTimes.now(running).since(before);
        StoredTables stored = stored(side, source, pipeline);
        if (side == Side.CHAIN) {
            PublishedRows.requireAll(pipeline);
        }
        remove(pipeline.lake());
        Duration client = side == Side.COPY ? cpu.bench() : cpu.ended();
        BackfillFigures measured = new BackfillFigures(
                side, time, work.parts(), source.rows(), client, cpu, work.peakBytes(), stored.bytes());
        out.println(measured);
        return measured;
    }

    private Work work(Side side, LoadSource source, String lake) throws SQLException {
        return switch (side) {
            case COPY -> copy(source, servers.pipeline(lake));
            case RAW -> Work.of(command(lake, "backfill", "--raw-only"));
            case JDBC -> Work.of(command(lake, "jdbc-load", "--into", jdbcFolder(servers.pipeline(lake))));
            case CHAIN -> Work.of(command(lake, "backfill"), command(lake, "publish"));
        };
    }

    private Work copy(LoadSource source, Pipeline pipeline) throws SQLException {
        try (Progress progress = new Progress("copy", source.rows().rows(), out)) {
            DiscardedCopy read = DiscardedCopy.of(pipeline.source(), source.tables(), progress, shutdown);
            source.require(Side.COPY.toString(), read.rows());
        }
        return new Work(
                "", ProcessUsage.peakBytes(ProcessHandle.current().pid()).orElseThrow());
    }

    /** What lies in raw, or where the side has it; fails unless that is all. */
    private StoredTables stored(Side side, LoadSource source, Pipeline pipeline) {
        if (side == Side.COPY) {
            return new StoredTables(0, 0);
        }
        List<String> paths = source.tables().stream()
                .map(table -> side == Side.JDBC
                        ? jdbcFolder(pipeline) + "/" + table
                        : pipeline.layout().rawSnapshots(table))
                .toList();
        StoredTables stored = StoredTables.of(LakeConfiguration.of(pipeline.lake()), paths);
        source.require(side.toString(), stored.rows());
        return stored;
    }

    private static String jdbcFolder(Pipeline pipeline) {
        return pipeline.layout().root() + "/jdbc";
    }

    private CommandRun command(String lake, String command, String... options) {
        return CommandRun.of(servers.logs(lake), servers.environment(lake), out, shutdown, command, options);
    }

    private static void remove(LakeSettings lake) throws IOException {
        try (FileSystem store = FileSystem.newInstance(URI.create(lake.root()), LakeConfiguration.of(lake))) {
            store.delete(new Path(lake.root()), true);
        }
    }
}
