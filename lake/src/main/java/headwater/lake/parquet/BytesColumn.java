package headwater.lake.parquet;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * BYTE_ARRAY, such as texts, and FIXED_LEN_BYTE_ARRAY, such as large decimals. A value is looked up only if it is not the one
 * before it, as rows that come together share most of their texts.
 */
final class BytesColumn extends EncodedColumn {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int SMALLEST = 256;

    private final boolean fixed;
    private final boolean bounded;
    /** Open addressing: one more than the id of a value, 0 for none; four places for each value, a power of two. */
    private int[] places = new int[4 * SMALLEST];

    private long[] hashes = new long[SMALLEST];
    private byte[][] texts = new byte[SMALLEST][];
    private int size;
    private int bytes;
    private int lastId;
    private byte[] least = new byte[0];
    private byte[] most = new byte[0];
    private boolean hasBounds;

    BytesColumn(PrimitiveType type, PageWriter pages, boolean bounded) {
        super(type, pages, bounded);
        this.fixed = type.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
        this.bounded = bounded;
    }

    @Override
    public void writeBytes(byte[] from, int at, int length) throws IOException {
        if (bounded) {
            bound(from, at, length);
        }
        if (isPlain()) {
            putPlain(from, at, length, plain);
            valueDone();
            return;
        }
        if (size == 0 || !is(lastId, from, at, length)) {
            lastId = id(from, at, length);
        }
        valueDone(lastId);
        dictionaryIs(bytes);
    }

    @Override
    void putPlain(int id, PageBytes to) {
        putPlain(texts[id], 0, texts[id].length, to);
    }

    @Override
    int dictionarySize() {
        return size;
    }

    @Override
    void bounds(Statistics<?> statistics) {
        statistics.updateStats(Binary.fromConstantByteArray(least));
        statistics.updateStats(Binary.fromConstantByteArray(most));
        hasBounds = false;
    }

    private void putPlain(byte[] from, int at, int length, PageBytes to) {
        if (!fixed) {
            to.putInt(length);
        }
        to.put(from, at, length);
    }

    private void bound(byte[] from, int at, int length) {
        if (!hasBounds || Arrays.compareUnsigned(from, at, at + length, least, 0, least.length) < 0) {
            least = Arrays.copyOfRange(from, at, at + length);
        }
        if (!hasBounds || Arrays.compareUnsigned(from, at, at + length, most, 0, most.length) > 0) {
            most = Arrays.copyOfRange(from, at, at + length);
        }
        hasBounds = true;
    }

    private boolean is(int id, byte[] from, int at, int length) {
        byte[] known = texts[id];
        return known.length == length && Arrays.equals(known, 0, length, from, at, at + length);
    }

    private int id(byte[] from, int at, int length) {
        long hash = hash(from, at, length);
        int place = place(hash);
        while (places[place] != 0) {
            int id = places[place] - 1;
            if (hashes[id] == hash && is(id, from, at, length)) {
                return id;
            }
            place = (place + 1) & (places.length - 1);
        }
        places[place] = size + 1;
        int id = size++;
        hashes[id] = hash;
        texts[id] = Arrays.copyOfRange(from, at, at + length);
        bytes += Integer.BYTES + length;
        if (size == texts.length) {
            grow();
        }
        return id;
    }

    private void grow() {
        hashes = Arrays.copyOf(hashes, 2 * size);
        texts = Arrays.copyOf(texts, 2 * size);
        places = new int[2 * places.length];
        for (int id = 0; id < size; id++) {
            int place = place(hashes[id]);
            while (places[place] != 0) {
                place = (place + 1) & (places.length - 1);
            }
            places[place] = id + 1;
        }
    }

    private int place(long hash) {
        return (int) hash & (places.length - 1);
    }

    /** Eight bytes at a time. */
    private static long hash(byte[] from, int at, int length) {
        long hash = length;
        int end = at + length;
        int next = at;
        for (; next + Long.BYTES <= end; next += Long.BYTES) {
            hash = mixed(hash ^ (long) LONGS.get(from, next));
        }
        for (; next < end; next++) {
            hash = mixed(hash ^ from[next]);
        }
        return hash;
    }

    private static long mixed(long hash) {
        long product = hash * NumberColumn.GOLDEN;
        return product ^ (product >>> 32);
    }
}
