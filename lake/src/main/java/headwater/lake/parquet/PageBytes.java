package headwater.lake.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.values.bitpacking.BytePacker;
import org.apache.parquet.column.values.bitpacking.Packer;

/** Bytes of a page as they are put together, in the forms that Parquet's format has for them; little end first. */
final class PageBytes {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** Bit-packed values come in groups of eight, and shorter runs of one value are not worth leaving them. */
    private static final int GROUP = 8;

    private byte[] bytes = new byte[1 << 12];
    private int size;

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /** Valid until these bytes change. */
    BytesInput input() {
        return BytesInput.from(bytes, 0, size);
    }

    void putByte(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    void putInt(int value) {
        room(Integer.BYTES);
        INTS.set(bytes, size, value);
        size += Integer.BYTES;
    }

    void putLong(long value) {
        room(Long.BYTES);
        LONGS.set(bytes, size, value);
        size += Long.BYTES;
    }

    void put(byte[] from, int at, int length) {
        room(length);
        System.arraycopy(from, at, bytes, size, length);
        size += length;
    }

    void put(PageBytes other) {
        put(other.bytes, 0, other.size);
    }

    /**
     * Numbers in the hybrid of run lengths and bit packing: Parquet format, Encodings, "Run Length Encoding / Bit-Packing
     * Hybrid".
     *
     * @param numbers may have anything behind the first {@code count}, but room for a whole last group
     * @param width bits of the largest number
     */
    void putHybrid(int[] numbers, int count, int width) {
        BytePacker packer = Packer.LITTLE_ENDIAN.newBytePacker(width);
        int packed = 0;
        int at = 0;
        while (at < count) {
            int run = run(numbers, at, count);
            if (run < GROUP) {
                at += GROUP;
            } else {
                putPacked(numbers, packed, at, packer);
                putRun(numbers[at], run, width);
                at += run;
                packed = at;
            }
        }
        putPacked(numbers, packed, at, packer);
    }

    /** A number so many times. */
    void putRun(int number, int count, int width) {
        putVarInt(count << 1);
        for (int shift = 0; shift < width; shift += Byte.SIZE) {
            putByte(number >>> shift);
        }
    }

    /** Numbers from groups of eight; the last group may reach beyond the end. */
    private void putPacked(int[] numbers, int from, int to, BytePacker packer) {
        int groups = (to - from) / GROUP;
        if (groups == 0) {
            return;
        }
        putVarInt((groups << 1) | 1);
        int width = packer.getBitWidth();
        room(groups * width);
        for (int at = from; at < to; at += GROUP) {
            packer.pack8Values(numbers, at, bytes, size);
            size += width;
        }
    }

    private static int run(int[] numbers, int from, int end) {
        int at = from + 1;
        while (at < end && numbers[at] == numbers[from]) {
            at++;
        }
        return at - from;
    }

    private void putVarInt(int value) {
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            putByte((rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        putByte(rest);
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
