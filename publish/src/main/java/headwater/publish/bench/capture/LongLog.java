package headwater.publish.bench.capture;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.store.LakeConfiguration;
import io.delta.kernel.Snapshot.ChecksumWriteMode;
import io.delta.kernel.Table;
import io.delta.kernel.TableManager;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Makes the log of raw/changes as long as after days of capture: entries like the newest one, each with many files that no
 * reader will open, and a real checkpoint and checksum at their end.
 */
final class LongLog {
    private static final int FILES_PER_ENTRY = 1_000;

    private final LakeSettings lake;
    private final Configuration configuration;

    LongLog(LakeSettings lake) {
        this.lake = lake;
        this.configuration = LakeConfiguration.of(lake);
    }

    /** Adds that many files to the log. */
    void grow(int files) throws IOException {
        String table = lake.layout().rawChanges();
        Engine engine = DefaultEngine.create(configuration);
        long version = TableManager.loadSnapshot(table).build(engine).getVersion();
        Path log = new Path(table, "_delta_log");
        FileSystem store = log.getFileSystem(configuration);
        List<String> template = lines(store, entry(log, version));
        for (int made = 0; made < files; made += FILES_PER_ENTRY) {
            version++;
            write(store, entry(log, version), like(template, Math.min(FILES_PER_ENTRY, files - made)));
        }
        Table.forPath(engine, table).checkpoint(engine, version);
        TableManager.loadSnapshot(table).build(engine).writeChecksum(engine, ChecksumWriteMode.FULL);
    }

    private static String like(List<String> template, int files) {
        String add = template.stream()
                .filter(line -> line.startsWith("{\"add\""))
                .findFirst()
                .orElseThrow();
        StringBuilder entry = new StringBuilder(template.stream()
                .filter(line -> !line.startsWith("{\"add\""))
                .collect(Collectors.joining("\n", "", "\n")));
        for (int file = 0; file < files; file++) {
            entry.append(add.replaceFirst("[0-9a-f-]{36}", UUID.randomUUID().toString()))
                    .append('\n');
        }
        return entry.toString();
    }

    private static Path entry(Path log, long version) {
        return new Path(log, String.format(Locale.ROOT, "%020d.json", version));
    }

    private static List<String> lines(FileSystem store, Path file) throws IOException {
        try (FSDataInputStream in = store.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static void write(FileSystem store, Path file, String text) throws IOException {
        try (FSDataOutputStream out = store.create(file, false)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
