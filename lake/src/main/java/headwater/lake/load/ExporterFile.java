package headwater.lake.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Where a backfill that was ended finds the exporter that lives on; JSON, in the folder of this machine's Headwater. */
record ExporterFile(Path file) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What the file holds.
     *
     * @param startedAt of the process, in milliseconds since 1970: a pid may be another's by now
     */
    record Content(long pid, long startedAt, String url, List<String> tables, String snapshot, long lsn) {

        Optional<ProcessHandle> process() {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .filter(found -> ExporterFile.startedAt(found) == startedAt);
        }

        SourceSnapshot exported() {
            return new SourceSnapshot(snapshot, lsn);
        }
    }

    /** Of a pipeline, by its name, on one source: the same pipeline may run on several. */
    static ExporterFile of(String pipeline, SourceSettings source) {
        String place = Integer.toHexString((source.url() + " " + source.slot()).hashCode());
        return new ExporterFile(Home.data().resolve("backfill").resolve(pipeline + "-" + place + ".json"));
    }

    /** Called by the exporter itself; whole or not at all. */
    void write(SnapshotExporter.Order order, SourceSnapshot snapshot) throws IOException {
        ProcessHandle self = ProcessHandle.current();
        List<String> tables = order.tables().stream().map(SourceTable::toString).toList();
        Content content =
                new Content(self.pid(), startedAt(self), order.source().url(), tables, snapshot.name(), snapshot.lsn());
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.createDirectories(file.getParent());
        JSON.writeValue(next.toFile(), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Empty if there is none, or no exporter of that name lives. */
    Optional<Content> read() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Content content = JSON.readValue(file.toFile(), Content.class);
            return content.process().isPresent() ? Optional.of(content) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + file, e);
        }
    }

    private static long startedAt(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH).toEpochMilli();
    }
}
