package headwater.lake.load;

import headwater.lake.process.Failure;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a {@link SnapshotExporter}, which a backfill starts: reads its order from standard input, and answers in one
 * line of standard output.
 */
final class ExporterCommand {
    /** The first word of the answer, before the snapshot's name and LSN; any other answer says why there is none. */
    static final String READY = "ready";

    private static final Logger LOG = LoggerFactory.getLogger(ExporterCommand.class);

    public static void main(String[] arguments) {
        PrintStream answer = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try {
            export(order(), answer);
        } catch (Failure e) {
            // the answer is one line, and PostgreSQL's hints are lines of their own
            answer.println(
                    String.join(" ", e.getMessage().lines().map(String::strip).toList()));
        } catch (IOException | SQLException e) {
            LOG.warn("The snapshot is gone: {}", Failure.reason(e));
        }
    }

    private static void export(SnapshotExporter.Order order, PrintStream answer) throws IOException, SQLException {
        ExporterFile file = new ExporterFile(Path.of(order.file()));
        try (SnapshotExporter exporter = new SnapshotExporter(order)) {
            SourceSnapshot snapshot = exporter.snapshot();
            file.write(order, snapshot);
            answer.println(READY + " " + snapshot.name() + " " + snapshot.lsn());
            exporter.await();
        } finally {
            file.delete();
        }
    }

    private static SnapshotExporter.Order order() throws IOException {
        try (ObjectInputStream in = new ObjectInputStream(System.in)) {
            return (SnapshotExporter.Order) in.readObject();
        } catch (ClassNotFoundException e) {
            throw new IOException("The order is of another version", e);
        }
    }

    private ExporterCommand() {}
}
