package headwater.capture.partd.load;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * One CSV file of a dataset, plain or gzip, read line by line. A file that is damaged is refused as a whole: the caller
 * must not keep rows that came before the {@link Failure}.
 */
final class CmsFile implements AutoCloseable {
    private static final int GZIP = 0x1f8b;
    private static final int ZIP = 0x504b;
    private static final int UTF_16_BIG = 0xfeff;
    private static final int UTF_16_LITTLE = 0xfffe;

    private final Path path;
    private final MixedText text;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final FileHeader header;
    private long line;

    /** Takes the values of a row in the order of {@link #columns()}; a blank field is null. */
    interface RowVisitor<X extends Exception> {
        void visit(long line, List<String> values) throws X;
    }

    private CmsFile(Path path, CmsDataset dataset, List<LoadColumn> table) throws IOException {
        this.path = path;
        this.text = new MixedText(open(path));
        this.parser = CSVParser.builder()
                .setReader(text)
                .setFormat(
                        CSVFormat.RFC4180.builder().setIgnoreEmptyLines(false).get())
                .get();
        this.records = parser.iterator();
        CSVRecord first = next();
        if (first == null) {
            throw refused("it is empty", "Download it again");
        }
        this.header = FileHeader.of(path.toString(), first.toList(), dataset, table);
    }

    /** Opens a file and reads its header. */
    static CmsFile open(Path path, CmsDataset dataset, List<LoadColumn> table) {
        try {
            return new CmsFile(path, dataset, table);
        } catch (IOException | UncheckedIOException e) {
            throw unreadable(path, 1, e);
        }
    }

    FileHeader header() {
        return header;
    }

    /** The table's columns that the file has, in its order. */
    List<LoadColumn> columns() {
        return List.copyOf(header.columns().values());
    }

    MixedText text() {
        return text;
    }

    /** Reads all rows. */
    <X extends Exception> void forEachRow(RowVisitor<X> visitor) throws X {
        try {
            for (CSVRecord record = next(); record != null; record = next()) {
                if (!isBlank(record)) {
                    visitor.visit(line, values(record));
                }
            }
        } catch (UncheckedIOException e) {
            throw unreadable(path, line, e);
        }
    }

    @Override
    public void close() {
        try {
            parser.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable CSVRecord next() {
        // a record may go over several lines: it is named by its first
        line = parser.getCurrentLineNumber() + 1;
        return records.hasNext() ? records.next() : null;
    }

    private static boolean isBlank(CSVRecord record) {
        return record.size() == 1 && record.get(0).isEmpty();
    }

    private List<String> values(CSVRecord record) {
        if (record.size() != header.fields()) {
            throw refused(
                    "line " + line + " has " + record.size() + " of " + header.fields() + " fields"
                            + (records.hasNext() ? "" : ": the file is cut off there"),
                    records.hasNext() ? "Correct the line" : "Download it again");
        }
        List<String> values = new ArrayList<>(header.columns().size());
        for (Map.Entry<Integer, LoadColumn> entry : header.columns().entrySet()) {
            values.add(value(entry.getValue(), record.get(entry.getKey())));
        }
        return values;
    }

    private @Nullable String value(LoadColumn column, String field) {
        try {
            return field.isBlank() ? null : column.value(field);
        } catch (LoadColumn.Refused e) {
            throw refused(
                    "line " + line + ", column " + column.name() + " must be " + e.getMessage(), "Correct the line");
        }
    }

    private static InputStream open(Path path) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        in.mark(2);
        int magic = in.read() << 8 | in.read();
        in.reset();
        return switch (magic) {
            case GZIP -> new GZIPInputStream(in, 1 << 16);
            case ZIP -> throw new IOException("it is a zip archive: unpack it first");
            case UTF_16_BIG, UTF_16_LITTLE -> throw new IOException("it is UTF-16: save it as UTF-8");
            default -> in;
        };
    }

    private Failure refused(String why, String whatToDo) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load " + path + ": " + why + ". Nothing of it was loaded. " + whatToDo
                        + ", then load it again.");
    }

    private static Failure unreadable(Path path, long line, Exception thrown) {
        Throwable cause = thrown.getCause() instanceof IOException io ? io : thrown;
        String why = Failure.reason(cause);
        String whatToDo = "Check the path and that it is a CSV file";
        if (cause instanceof NoSuchFileException) {
            why = "there is no such file";
        } else if (cause instanceof AccessDeniedException) {
            why = "this user may not read it";
            whatToDo = "Give the right to read it";
        } else if (cause instanceof EOFException || cause instanceof ZipException) {
            why = "its compressed data is damaged or cut off after line " + line + " (" + why + ")";
            whatToDo = "Download it again";
        } else if (cause instanceof CSVException) {
            why = "line " + line + ": a quoted field is not closed, or goes on after its closing quote (" + why + ")";
            whatToDo = "Correct the line, or download the file again if it is its last";
        }
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load " + path + ": " + why + ". Nothing of it was loaded. " + whatToDo
                        + ", then load it again.",
                thrown);
    }
}
