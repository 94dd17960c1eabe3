package headwater.capture.partd.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Text whose lines are UTF-8, or Windows-1252 where they are not: CMS's bulk file of 2020 has such a line. A byte order
 * mark at the start is left out. Holds one line at a time.
 */
final class MixedText extends Reader {
    static final int LONGEST_LINE = 1 << 20;

    private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int NAMED = 5;

    private final InputStream in;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Long> firstWindowsLines = new ArrayList<>();
    private CharBuffer line = CharBuffer.allocate(0);
    private long lines;
    private long windowsLines;
    private boolean ended;
    private boolean lastLineIsOpen;

    MixedText(InputStream in) {
        this.in = new BufferedInputStream(in, 1 << 16);
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (!line.hasRemaining() && !nextLine()) {
            return -1;
        }
        int count = Math.min(length, line.remaining());
        line.get(target, offset, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** How many lines so far were not UTF-8. */
    long windowsLines() {
        return windowsLines;
    }

    /** The numbers of the first of them. */
    List<Long> firstWindowsLines() {
        return firstWindowsLines;
    }

    /** Whether the text ended without a line end. */
    boolean lastLineIsOpen() {
        return lastLineIsOpen;
    }

    private boolean nextLine() throws IOException {
        if (ended || !readBytes()) {
            return false;
        }
        lines++;
        line = decode(ByteBuffer.wrap(bytes.toByteArray()));
        if (lines == 1 && line.hasRemaining() && line.get(line.position()) == BYTE_ORDER_MARK) {
            line.get();
        }
        return line.hasRemaining() || nextLine();
    }

    /** The bytes up to the next line feed, which is among them. */
    private boolean readBytes() throws IOException {
        bytes.reset();
        int next;
        while ((next = in.read()) >= 0) {
            bytes.write(next);
            if (next == '\n') {
                return true;
            }
            if (bytes.size() > LONGEST_LINE) {
                throw new IOException("line " + (lines + 1) + " is longer than " + LONGEST_LINE + " bytes");
            }
        }
        ended = true;
        lastLineIsOpen = bytes.size() > 0;
        return lastLineIsOpen;
    }

    private CharBuffer decode(ByteBuffer encoded) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(encoded);
        } catch (CharacterCodingException e) {
            windowsLines++;
            if (firstWindowsLines.size() < NAMED) {
                firstWindowsLines.add(lines);
            }
            return WINDOWS_1252.decode(encoded.rewind());
        }
    }
}
