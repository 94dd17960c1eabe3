package headwater.lake.parquet;

import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;

/**
 * One optional column of a row group. Its values are kept as indexes of a dictionary until that becomes too large, and as they
 * are from then on: Parquet format, Encodings, "Dictionary Encoding" and "Plain". Parquet's own writers take each value through
 * five objects and a comparison for its bounds, which is what a load would spend half of its time with.
 */
abstract class EncodedColumn implements ColumnValues {
    /** What Parquet's own writers have as well. */
    private static final int PAGE_ROWS = 20_000;

    private static final int PAGE_BYTES = 1 << 20;
    /** Bytes from which a dictionary costs more than it saves. */
    private static final int LARGEST_DICTIONARY = 256 << 10;

    private static final int GROUP = 8;

    final PageBytes plain = new PageBytes();
    private final PageWriter pages;
    private final PrimitiveType type;
    private final boolean bounded;
    private final int[] ids = new int[PAGE_ROWS + GROUP];
    private final int[] defined = new int[PAGE_ROWS + GROUP];
    private final PageBytes page = new PageBytes();
    private final PageBytes levels = new PageBytes();
    private int rows;
    private int values;
    private boolean isPlain;
    private boolean dictionaryUsed;

    EncodedColumn(PrimitiveType type, PageWriter pages, boolean bounded) {
        this.type = type;
        this.pages = pages;
        this.bounded = bounded;
    }

    @Override
    public final void writeNull() throws IOException {
        defined[rows] = 0;
        rowDone();
    }

    @Override
    public void writeNumber(long value) throws IOException {
        throw new UnsupportedOperationException("Not a column of numbers: " + type);
    }

    @Override
    public void writeBytes(byte[] bytes, int from, int length) throws IOException {
        throw new UnsupportedOperationException("Not a column of bytes: " + type);
    }

    @Override
    public void writeBoolean(boolean value) throws IOException {
        throw new UnsupportedOperationException("Not a column of truth values: " + type);
    }

    /** Whether values are no longer in the dictionary, but go to {@link #plain}. */
    final boolean isPlain() {
        return isPlain;
    }

    /** Ends a row whose value is in {@link #plain}. */
    final void valueDone() throws IOException {
        values++;
        defined[rows] = 1;
        rowDone();
    }

    /** Ends a row whose value is in the dictionary. */
    final void valueDone(int id) throws IOException {
        ids[values] = id;
        valueDone();
    }

    /** The dictionary has grown. */
    final void dictionaryIs(int bytes) {
        if (bytes > LARGEST_DICTIONARY) {
            for (int at = 0; at < values; at++) {
                putPlain(ids[at], plain);
            }
            isPlain = true;
        }
    }

    /** Puts into {@link #plain} what is still missing there. */
    void beforePage() {}

    /** Puts a value of the dictionary as it is. */
    abstract void putPlain(int id, PageBytes to);

    /** How many values the dictionary holds. */
    abstract int dictionarySize();

    /** Adds the smallest and the largest value since the last page to its statistics. */
    abstract void bounds(Statistics<?> statistics);

    /** Ends the column: what is left of the last page, and the dictionary. */
    final void end() throws IOException {
        if (rows > 0) {
            endPage();
        }
        if (dictionaryUsed) {
            PageBytes dictionary = new PageBytes();
            for (int id = 0; id < dictionarySize(); id++) {
                putPlain(id, dictionary);
            }
            pages.writeDictionaryPage(new DictionaryPage(dictionary.input(), dictionarySize(), Encoding.PLAIN));
        }
    }

    /** Bytes in memory, about. */
    final long size() {
        return pages.getMemSize() + plain.size() + (long) values * Integer.BYTES;
    }

    private void rowDone() throws IOException {
        rows++;
        if (rows == PAGE_ROWS || plain.size() >= PAGE_BYTES) {
            endPage();
        }
    }

    // the form of writePage that writes no index of pages: it would tell that a page without bounds holds nothing but
    // nulls
    @SuppressWarnings("deprecation")
    private void endPage() throws IOException {
        beforePage();
        boolean byDictionary = !isPlain && dictionarySize() > 0;
        putLevels();
        if (byDictionary) {
            int width = Integer.SIZE - Integer.numberOfLeadingZeros(dictionarySize() - 1);
            page.putByte(width);
            page.putHybrid(ids, values, width);
            dictionaryUsed = true;
        } else {
            page.put(plain);
        }
        pages.writePage(
                page.input(),
                rows,
                statistics(),
                Encoding.RLE,
                Encoding.RLE,
                byDictionary ? Encoding.RLE_DICTIONARY : Encoding.PLAIN);
        page.clear();
        plain.clear();
        rows = 0;
        values = 0;
    }

    private void putLevels() {
        levels.clear();
        if (values == rows) {
            levels.putRun(1, rows, 1);
        } else {
            levels.putHybrid(defined, rows, 1);
        }
        page.putInt(levels.size());
        page.put(levels);
    }

    private Statistics<?> statistics() {
        Statistics<?> statistics = Statistics.createStats(type);
        statistics.incrementNumNulls(rows - values);
        if (bounded && values > 0) {
            bounds(statistics);
        }
        return statistics;
    }
}
