package headwater.lake.parquet;

import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.column.values.fallback.FallbackValuesWriter;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** Parquet's own choice of encodings, with {@link TextDictionary} for texts. */
final class ColumnEncodings implements ValuesWriterFactory {
    private final ValuesWriterFactory standard = new DefaultV1ValuesWriterFactory();
    private final int dictionarySize;
    private final int pageSize;

    /**
     * Sizes in bytes.
     *
     * @param dictionarySize from which a column gives its dictionary up
     */
    ColumnEncodings(int dictionarySize, int pageSize) {
        this.dictionarySize = dictionarySize;
        this.pageSize = pageSize;
    }

    @Override
    public void initialize(ParquetProperties properties) {
        standard.initialize(properties);
    }

    @Override
    public ValuesWriter newValuesWriter(ColumnDescriptor column) {
        if (column.getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.BINARY) {
            return standard.newValuesWriter(column);
        }
        ByteBufferAllocator allocator = new HeapByteBufferAllocator();
        return FallbackValuesWriter.of(
                new TextDictionary(dictionarySize, allocator), new PlainValuesWriter(1024, pageSize, allocator));
    }
}
