package headwater.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.ByteText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A change that is too large for the heap: nobody can read it to say what it is of, so the server is asked, which knows
 * size and table of what the slot would send.
 */
final class HeapShortage {
    private static final Logger LOG = LoggerFactory.getLogger(HeapShortage.class);
    private static final String IN_USE = "55006";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final int LOOKS = 75;

    /** More than wait in the queues of a stream. */
    private static final int CHANGES = 100_000;

    /** Of a change in the texts of pgoutput, its copies on the way to raw/changes need so many times its size. */
    private static final int COPIES = 8;

    /**
     * Of insert, update and delete: after the kind the table's oid. See <a
     * href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">the formats of pgoutput</a>.
     */
    private static final String LARGEST = """
            SELECT (get_byte(data, 1)::bigint << 24 | get_byte(data, 2) << 16 | get_byte(data, 3) << 8 | get_byte(data, 4))
                     ::oid::regclass::text, length(data), lsn::text
            FROM pg_logical_slot_peek_binary_changes(?, NULL, ?, 'proto_version', '1', 'publication_names', quote_ident(?))
            WHERE get_byte(data, 0) IN (ascii('I'), ascii('U'), ascii('D'))
            ORDER BY length(data) DESC LIMIT 1""";

    /** @param bytes of the change as the server sends it */
    private record Change(String table, long bytes, Lsn lsn) {}

    /** Whether something failed for want of memory. */
    static boolean isCauseOf(@Nullable Throwable thrown) {
        return thrown != null && (thrown instanceof OutOfMemoryError || isCauseOf(thrown.getCause()));
    }

    /** What to say, once the stream has ended. */
    static Failure explain(SourceSettings source, Throwable thrown, Shutdown shutdown) {
        long heap = Runtime.getRuntime().maxMemory();
        Optional<Change> largest = largest(source, shutdown);
        String what = largest.map(change -> "a change of " + change.table() + " at " + change.lsn() + " has "
                        + ByteText.of(change.bytes()) + ", too much")
                .orElse("what waits in the source is too large");
        long needed = largest.map(Change::bytes).orElse(heap) * COPIES;
        return new Failure(
                Remedy.OPERATOR,
                "Cannot go on capturing: " + what + " for a heap of " + ByteText.of(heap)
                        + ". Nothing is lost, the slot keeps it. Start capture with more: HEADWATER_HEAP="
                        + ((needed >> 30) + 1)
                        + "g; a large column that nobody needs stays away from then on with exclude"
                        + " in the pipeline file.",
                thrown);
    }

    /** The walsender of the stream that ended may have the slot for a moment. */
    private static Optional<Change> largest(SourceSettings source, Shutdown shutdown) {
        for (int look = 0; look < LOOKS && !shutdown.requested(); look++) {
            try (Connection connection = source.openBounded(PATIENCE)) {
                return new Sql(connection)
                        .first(
                                LARGEST,
                                row -> new Change(row.getString(1), row.getLong(2), Lsn.parse(row.getString(3))),
                                source.slot(),
                                CHANGES,
                                source.publication());
            } catch (SQLException e) {
                if (!IN_USE.equals(e.getSQLState())) {
                    LOG.warn("Cannot ask PostgreSQL which change is too large reason={}", Failure.reason(e));
                    return Optional.empty();
                }
                shutdown.await(BETWEEN_LOOKS);
            }
        }
        return Optional.empty();
    }

    private HeapShortage() {}
}
