package headwater.lake.parquet;

import java.io.IOException;

/** Takes the values of one column, row by row; each column takes those of its type, and nulls. */
public interface ColumnValues {
    /** The row has no value. */
    void writeNull() throws IOException;

    /** A whole number, days, microseconds, the digits of a decimal, the bits of a floating-point number. */
    void writeNumber(long value) throws IOException;

    /** A text in UTF-8, or bytes; they are copied. */
    void writeBytes(byte[] bytes, int from, int length) throws IOException;

    /** True or false. */
    void writeBoolean(boolean value) throws IOException;
}
