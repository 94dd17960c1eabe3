package headwater.lake.backfill;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads one page range under the exported snapshot; each row is valid until the next. */
final class CopyReader implements PartitionReader<InternalRow> {
    private final CopyTable.Reading reading;
    private final PageRange range;
    private final FieldDecoder[] decoders;
    private final Object[] values;
    private final InternalRow row;
    private @Nullable Connection connection;
    private @Nullable CopyOut copy;
    private @Nullable CopyBuffer buffer;
    private long rows;

    CopyReader(CopyTable.Reading reading, PageRange range) {
        this.reading = reading;
        this.range = range;
        this.decoders = reading.columns().stream()
                .map(column -> FieldDecoder.of(column, reading.table()))
                .toArray(FieldDecoder[]::new);
        this.values = new Object[decoders.length];
        this.row = new GenericInternalRow(values);
    }

    @Override
    public boolean next() throws IOException {
        try {
            CopyBuffer bytes = buffer == null ? open() : buffer;
            int fields = bytes.readShort();
            if (fields < 0) {
                return false;
            }
            for (int at = 0; at < fields; at++) {
                int length = bytes.readInt();
                values[at] = length < 0 ? null : decoders[at].decode(bytes.require(length), length);
            }
            rows++;
            return true;
        } catch (SQLException e) {
            throw new IOException("Cannot read " + reading.table() + " from PostgreSQL: " + Failure.reason(e), e);
        }
    }

    @Override
    public InternalRow get() {
        return row;
    }

    @Override
    public void close() throws IOException {
        reading.rows().add(rows);
        try {
            end();
        } catch (SQLException e) {
            throw new IOException("Cannot end the COPY of " + reading.table() + ": " + Failure.reason(e), e);
        }
    }

    private void end() throws SQLException {
        try {
            if (copy != null && copy.isActive()) {
                copy.cancelCopy();
            }
        } finally {
            if (connection != null) {
                connection.close();
            }
        }
    }

    private CopyBuffer open() throws SQLException {
        Connection opened = reading.source().open();
        connection = opened;
        opened.setAutoCommit(false);
        opened.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        opened.setReadOnly(true);
        try (Statement statement = opened.createStatement()) {
            statement.execute(SourceSettings.TEXT_FORM + "; SET TRANSACTION SNAPSHOT '" + reading.snapshot() + "'");
        }
        CopyOut begun = opened.unwrap(PGConnection.class).getCopyAPI().copyOut(range.copy(reading.columns()));
        copy = begun;
        CopyBuffer bytes = new CopyBuffer(begun);
        buffer = bytes;
        bytes.skipHeader();
        return bytes;
    }
}
