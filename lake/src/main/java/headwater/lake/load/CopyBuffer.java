package headwater.lake.load;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import org.postgresql.copy.CopyOut;

/**
 * The bytes of a binary COPY, whose messages may end anywhere. Format: PostgreSQL documentation, COPY, "Binary Format".
 */
final class CopyBuffer {
    private static final int SIGNATURE = 11;

    private final CopyOut copy;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    CopyBuffer(CopyOut copy) {
        this.copy = copy;
    }

    /** Signature, flags and an extension that may be empty. */
    void skipHeader() throws SQLException {
        require(SIGNATURE + 4);
        bytes.position(bytes.position() + SIGNATURE + 4);
        int extension = readInt();
        require(extension);
        bytes.position(bytes.position() + extension);
    }

    short readShort() throws SQLException {
        return require(2).getShort();
    }

    int readInt() throws SQLException {
        return require(4).getInt();
    }

    /** At least so many bytes from the current position on. */
    ByteBuffer require(int length) throws SQLException {
        while (bytes.remaining() < length) {
            byte[] message = copy.readFromCopy();
            if (message == null) {
                throw new SQLException("the COPY ended within a row");
            }
            bytes = bytes.hasRemaining() ? joined(message) : ByteBuffer.wrap(message);
        }
        return bytes;
    }

    private ByteBuffer joined(byte[] message) {
        ByteBuffer joined = ByteBuffer.allocate(bytes.remaining() + message.length);
        return joined.put(bytes).put(message).flip();
    }
}
