package headwater.lake.parquet;

import java.io.IOException;
import java.util.Arrays;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** INT32, INT64, FLOAT and DOUBLE. */
final class NumberColumn extends EncodedColumn {
    /** The 64-bit golden ratio, odd, by which hashing multiplies: Knuth, The Art of Computer Programming, 6.4. */
    static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final int SMALLEST = 256;

    private final boolean wide;
    private long[] numbers = new long[SMALLEST];
    /** Open addressing: one more than the id of a number, 0 for none; four places for each number, a power of two. */
    private int[] places = new int[4 * SMALLEST];

    private int size;
    private int lastId;
    private long least = Long.MAX_VALUE;
    private long most = Long.MIN_VALUE;

    NumberColumn(PrimitiveType type, PageWriter pages, boolean bounded) {
        super(type, pages, bounded);
        PrimitiveTypeName name = type.getPrimitiveTypeName();
        this.wide = name == PrimitiveTypeName.INT64 || name == PrimitiveTypeName.DOUBLE;
    }

    @Override
    public void writeNumber(long value) throws IOException {
        least = Math.min(least, value);
        most = Math.max(most, value);
        if (isPlain()) {
            putPlain(value, plain);
            valueDone();
            return;
        }
        if (size == 0 || numbers[lastId] != value) {
            lastId = id(value);
        }
        valueDone(lastId);
        dictionaryIs(size * (wide ? Long.BYTES : Integer.BYTES));
    }

    @Override
    void putPlain(int id, PageBytes to) {
        putPlain(numbers[id], to);
    }

    @Override
    int dictionarySize() {
        return size;
    }

    @Override
    void bounds(Statistics<?> statistics) {
        if (wide) {
            statistics.updateStats(least);
            statistics.updateStats(most);
        } else {
            statistics.updateStats((int) least);
            statistics.updateStats((int) most);
        }
        least = Long.MAX_VALUE;
        most = Long.MIN_VALUE;
    }

    private void putPlain(long value, PageBytes to) {
        if (wide) {
            to.putLong(value);
        } else {
            to.putInt((int) value);
        }
    }

    private int id(long value) {
        int place = place(value);
        while (places[place] != 0) {
            int id = places[place] - 1;
            if (numbers[id] == value) {
                return id;
            }
            place = (place + 1) & (places.length - 1);
        }
        places[place] = size + 1;
        int id = size++;
        numbers[id] = value;
        if (size == numbers.length) {
            grow();
        }
        return id;
    }

    private void grow() {
        numbers = Arrays.copyOf(numbers, 2 * size);
        places = new int[2 * places.length];
        for (int id = 0; id < size; id++) {
            int place = place(numbers[id]);
            while (places[place] != 0) {
                place = (place + 1) & (places.length - 1);
            }
            places[place] = id + 1;
        }
    }

    private int place(long value) {
        return (int) ((value * GOLDEN) >>> 32) & (places.length - 1);
    }
}
