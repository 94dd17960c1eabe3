package headwater.publish.bench;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Servers of a benchmark's own, with any number of lakes in their store. */
public final class BenchServers implements AutoCloseable {
    private final Path logs;
    private final EmbeddedServers servers;

    private BenchServers(Path logs, EmbeddedServers servers) {
        this.logs = logs;
        this.servers = servers;
    }

    /** Starts new, empty ones below a folder, and gives this JVM the store's credentials. */
    public static BenchServers start(Path folder) {
        Path logs = folder.resolve("logs");
        clear(logs);
        EmbeddedServers servers = EmbeddedServers.start(folder.resolve("servers"));
        servers.s3().useInThisJvm();
        return new BenchServers(logs, servers);
    }

    /** Where the processes of a run leave what they print, empty at the start. */
    public Path logs(String run) {
        return logs.resolve(run);
    }

    /** The environment of a process as a user runs it, with a lake of its own: without the flags of processes of some minutes. */
    public Map<String, String> environment(String lake) {
        Map<String, String> environment = new HashMap<>(servers.environment());
        environment.put("HEADWATER_LAKE", servers.environment().get("HEADWATER_LAKE") + "/" + lake);
        environment.put("HEADWATER_JVM", System.getenv().getOrDefault("HEADWATER_JVM", ""));
        return environment;
    }

    /** The shipped pipeline with the lake of {@link #environment}. */
    public Pipeline pipeline(String lake) {
        return PipelineFile.read(PipelineFile.SHIPPED, environment(lake)::get);
    }

    public EmbeddedServers servers() {
        return servers;
    }

    @Override
    public void close() {
        servers.close();
    }

    /** A log of an earlier run would be taken for this one's. */
    private static void clear(Path logs) {
        if (!Files.isDirectory(logs)) {
            return;
        }
        try (Stream<Path> files = Files.walk(logs)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
