package headwater.lake.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.dictionary.DictionaryValuesWriter.PlainBinaryDictionaryValuesWriter;
import org.apache.parquet.io.api.Binary;

/**
 * The dictionary of a text column. A value is looked up only if it is not the one before it, as rows that come together share
 * most of their texts; and it is found by a hash of eight bytes at a time, since Parquet's own look-up, byte by byte, is most of
 * what encoding a text costs.
 */
final class TextDictionary extends PlainBinaryDictionaryValuesWriter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    /** The 64-bit golden ratio, odd, by which hashing multiplies: Knuth, The Art of Computer Programming, 6.4. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final int SMALLEST = 256;

    /** Open addressing: places of values by their hash, each one more than the value's id, 0 for none; a power of two. */
    private int[] places = new int[4 * SMALLEST];

    private long[] hashes = new long[SMALLEST];
    private byte[][] values = new byte[SMALLEST][];
    private int size;
    private int lastId = -1;

    /**
     * An empty dictionary.
     *
     * @param most bytes above which the column gives its dictionary up
     */
    TextDictionary(int most, ByteBufferAllocator allocator) {
        super(most, Encoding.RLE_DICTIONARY, Encoding.PLAIN, allocator);
    }

    @Override
    public void writeBytes(Binary value) {
        ByteBuffer bytes = value.toByteBuffer();
        int from = bytes.arrayOffset() + bytes.position();
        int to = from + bytes.remaining();
        if (lastId < 0 || !is(lastId, bytes.array(), from, to)) {
            lastId = id(bytes.array(), from, to);
        }
        encodedValues.add(lastId);
    }

    @Override
    protected void clearDictionaryContent() {
        super.clearDictionaryContent();
        Arrays.fill(places, 0);
        size = 0;
        lastId = -1;
    }

    private boolean is(int id, byte[] bytes, int from, int to) {
        byte[] known = values[id];
        return Arrays.equals(known, 0, known.length, bytes, from, to);
    }

    private int id(byte[] bytes, int from, int to) {
        long hash = hash(bytes, from, to);
        int place = place(hash);
        while (places[place] != 0) {
            int id = places[place] - 1;
            if (hashes[id] == hash && is(id, bytes, from, to)) {
                return id;
            }
            place = next(place);
        }
        places[place] = size + 1;
        return added(Arrays.copyOfRange(bytes, from, to), hash);
    }

    private int added(byte[] value, long hash) {
        int id = size++;
        hashes[id] = hash;
        values[id] = value;
        if (size == values.length) {
            grow();
        }
        // Parquet writes the dictionary's page from here
        binaryDictionaryContent.put(Binary.fromConstantByteArray(value), id);
        dictionaryByteSize += Integer.BYTES + value.length;
        return id;
    }

    private void grow() {
        hashes = Arrays.copyOf(hashes, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
        places = new int[2 * places.length];
        for (int id = 0; id < size; id++) {
            int place = place(hashes[id]);
            while (places[place] != 0) {
                place = next(place);
            }
            places[place] = id + 1;
        }
    }

    private int place(long hash) {
        return (int) hash & places.length - 1;
    }

    private int next(int place) {
        return place + 1 & places.length - 1;
    }

    private static long hash(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            hash = mixed(hash ^ (long) LONGS.get(bytes, at));
        }
        for (; at < to; at++) {
            hash = mixed(hash ^ bytes[at]);
        }
        return hash;
    }

    private static long mixed(long hash) {
        long product = hash * GOLDEN;
        return product ^ product >>> 32;
    }
}
