package headwater.lake.backfill;

import headwater.lake.process.Failure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads one page range under the exported snapshot; each row is valid until the next. */
final class CopyReader implements PartitionReader<InternalRow> {
    private final CopyTable.Reading reading;
    private final PageRange range;
    private final FieldDecoder[] decoders;
    private final Object[] values;
    private final InternalRow row;
    private Connection connection;
    private CopyOut copy;
    private CopyBuffer buffer;
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
            if (copy == null) {
                open();
            }
            int fields = buffer.readShort();
            if (fields < 0) {
                return false;
            }
            for (int at = 0; at < fields; at++) {
                int length = buffer.readInt();
                values[at] = length < 0 ? null : decoders[at].decode(buffer.require(length), length);
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
        if (connection == null) {
            return;
        }
        try {
            if (copy != null && copy.isActive()) {
                copy.cancelCopy();
            }
        } catch (SQLException e) {
            throw new IOException("Cannot end the COPY of " + reading.table() + ": " + Failure.reason(e), e);
        } finally {
            closeConnection();
        }
    }

    private void closeConnection() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException("Cannot close a connection to PostgreSQL: " + Failure.reason(e), e);
        }
    }

    private void open() throws SQLException {
        connection = reading.source().open();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TRANSACTION SNAPSHOT '" + reading.snapshot() + "'");
        }
        copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(range.copy(reading.columns()));
        buffer = new CopyBuffer(copy);
        buffer.skipHeader();
    }
}
