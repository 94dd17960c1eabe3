package headwater.publish.bench.capture;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Sql;
import headwater.publish.bench.BenchServers;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/** The servers of the benchmark, with rows to change, and one stretch of WAL that any number of runs can read. */
final class BenchSource implements AutoCloseable {
    /** Never read: it keeps the WAL, and every run gets a copy of it under the pipeline's name. */
    private static final String ORIGIN = "bench_origin";

    private final BenchServers servers;
    private final Pipeline pipeline;

    private BenchSource(BenchServers servers) {
        this.servers = servers;
        this.pipeline = servers.pipeline("setup");
    }

    /** @param rows of cms.prescriber_drug to begin with */
    static BenchSource start(Path folder, long rows) {
        BenchSource source = new BenchSource(BenchServers.start(folder));
        source.run("generate", "--rows", String.valueOf(rows));
        source.run("setup");
        return source;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    /** The environment of a process, with a lake of its own. */
    Map<String, String> environment(String lake) {
        return servers.environment(lake);
    }

    /** The shipped pipeline with the lake of {@link #environment}. */
    Pipeline pipeline(String lake) {
        return servers.pipeline(lake);
    }

    /** The WAL from here on is kept, and no more of it before: that is what all runs read. */
    void keepWal() throws SQLException {
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
        execute("SELECT pg_create_logical_replication_slot('" + ORIGIN + "', 'pgoutput')");
        rewind();
    }

    /** The slot stands again where {@link #keepWal} was called. */
    void rewind() throws SQLException {
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" + slot()
                + "'");
        execute("SELECT pg_copy_logical_replication_slot('" + ORIGIN + "', '" + slot() + "')");
    }

    /** Whether a process reads from the slot now. */
    boolean streaming() throws SQLException {
        return "true".equals(value("SELECT active::text FROM pg_replication_slots WHERE slot_name = '" + slot() + "'"));
    }

    /** What PostgreSQL calls itself, and the other versions that count. */
    String versions() throws SQLException {
        return "PostgreSQL " + value("SHOW server_version");
    }

    @Override
    public void close() {
        servers.close();
    }

    private String slot() {
        return pipeline.source().slot();
    }

    private void run(String command, String... options) {
        HeadwaterProcess.start(servers.logs("setup"), environment("setup"), command, options)
                .awaitSuccess();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = pipeline.source().open()) {
            new Sql(connection).run(sql);
        }
    }

    private String value(String sql) throws SQLException {
        try (Connection connection = pipeline.source().open()) {
            return new Sql(connection).one(sql, row -> row.getString(1));
        }
    }

    /** A pipeline file like the shipped one that commits as soon as so many bytes wait. */
    static Path withFlushBytes(Path folder, long bytes) {
        Path file = folder.resolve("pipeline-" + bytes + ".yaml");
        try (var shipped = PipelineFile.class.getResourceAsStream("/pipelines/medicare-part-d/pipeline.yaml")) {
            String text = new String(shipped.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            Files.createDirectories(folder);
            Files.writeString(file, text.replaceFirst("flushBytes: \\d+", "flushBytes: " + bytes));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
