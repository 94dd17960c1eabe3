package headwater.lake.parquet;

import java.io.IOException;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;

/** BOOLEAN: a bit each, the first one lowest, and never in a dictionary. */
final class BooleanColumn extends EncodedColumn {
    private int bits;
    private int count;

    BooleanColumn(PrimitiveType type, PageWriter pages) {
        super(type, pages, false);
    }

    @Override
    public void writeBoolean(boolean value) throws IOException {
        bits |= (value ? 1 : 0) << count;
        count++;
        if (count == Byte.SIZE) {
            flush();
        }
        valueDone();
    }

    @Override
    void beforePage() {
        if (count > 0) {
            flush();
        }
    }

    @Override
    void putPlain(int id, PageBytes to) {
        throw new UnsupportedOperationException("No dictionary of truth values");
    }

    @Override
    int dictionarySize() {
        return 0;
    }

    @Override
    void bounds(Statistics<?> statistics) {
        // two values bound nothing
    }

    private void flush() {
        plain.putByte(bits);
        bits = 0;
        count = 0;
    }
}
