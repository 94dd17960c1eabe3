package headwater.publish.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** Writes rows as CSV by RFC 4180, numbers in full and without commas. */
final class CsvFile {
    private final Writer out;

    CsvFile(Writer out) {
        this.out = out;
    }

    void write(List<?> row) {
        try {
            out.write(row.stream().map(CsvFile::field).collect(Collectors.joining(",")));
            out.write("\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String field(Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        String text = value.toString();
        // a spreadsheet would run a text that begins like a formula
        String safe = text.matches("(?s)[=+\\-@\t\r].*") ? "'" + text : text;
        return safe.matches("(?s).*[\",\r\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }
}
