package headwater.capture.partd.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the text format of PostgreSQL's COPY, built in one growing buffer without an object per value. Measured equal
 * to the binary format in PostgreSQL, whose time goes into the indexes, with a third fewer bytes.
 */
public final class CopyText {
    private static final long[] POWER = {1, 10, 100, 1_000, 10_000, 100_000};

    private byte[] bytes = new byte[1 << 16];
    private int length;

    /** A value ready to be put into a row any number of times. */
    public static byte[] encode(String value) {
        return value.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The same; null stays null. */
    public static byte @Nullable [] encodeOrNull(@Nullable String value) {
        return value == null ? null : encode(value);
    }

    /** An encoded value, or null. */
    public CopyText text(byte @Nullable [] encoded) {
        if (encoded == null) {
            return absent();
        }
        room(encoded.length + 1);
        System.arraycopy(encoded, 0, bytes, length, encoded.length);
        length += encoded.length;
        return next();
    }

    /** A value, or null. */
    public CopyText text(@Nullable String value) {
        return text(encodeOrNull(value));
    }

    public CopyText number(long value) {
        digits(value, 1);
        return next();
    }

    /** A number with one decimal place, given in tenths. */
    public CopyText tenths(long value) {
        return decimal(value, 1);
    }

    /** A number with two decimal places, given in hundredths. */
    public CopyText cents(long value) {
        return decimal(value, 2);
    }

    /** A number with four decimal places, given in ten-thousandths. */
    public CopyText tenThousandths(long value) {
        return decimal(value, 4);
    }

    public CopyText absent() {
        room(3);
        bytes[length++] = '\\';
        bytes[length++] = 'N';
        return next();
    }

    /** The value if {@code present}, else null. */
    public CopyText numberIf(boolean present, long value) {
        return present ? number(value) : absent();
    }

    /** As {@link #cents} if {@code present}, else null. */
    public CopyText centsIf(boolean present, long value) {
        return present ? cents(value) : absent();
    }

    /** Ends the row; it has at least one value. */
    public void endRow() {
        bytes[length - 1] = '\n';
    }

    /** Empties the buffer. */
    public void clear() {
        length = 0;
    }

    /** The rows so far, in the first {@link #length()} bytes; valid until the next change. */
    public byte[] buffer() {
        return bytes;
    }

    public int length() {
        return length;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private CopyText decimal(long value, int places) {
        digits(value, places + 1);
        System.arraycopy(bytes, length - places, bytes, length - places + 1, places);
        bytes[length - places] = '.';
        length++;
        return next();
    }

    /** The decimal digits, with zeros in front up to {@code least} digits; leaves room for a point and a separator. */
    private void digits(long value, int least) {
        room(24);
        long rest = Math.abs(value);
        if (value < 0) {
            bytes[length++] = '-';
        }
        int count = least;
        for (long above = rest / POWER[least]; above > 0; above /= 10) {
            count++;
        }
        for (int at = length + count - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    private CopyText next() {
        room(1);
        bytes[length++] = '\t';
        return this;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
