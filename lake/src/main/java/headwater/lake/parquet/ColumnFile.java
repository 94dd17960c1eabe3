package headwater.lake.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.spark.sql.execution.datasources.parquet.SparkToParquetSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file that is written column by column. Parquet's own code compresses the pages and writes the file and its footer;
 * the values of a page are put together by {@link EncodedColumn}. A file that is closed before its end is taken away.
 */
public final class ColumnFile implements AutoCloseable {
    /** What Spark looks for to read days before 1582 as they are, in the calendar of PostgreSQL and ISO 8601. */
    private static final String SPARK_VERSION = "org.apache.spark.version";

    private static final int PAGE = 1 << 20;
    /** A range of pages of the source stays below it, unless its rows have large values beside them. */
    private static final long ROW_GROUP = 128L << 20;

    private static final int BETWEEN_LOOKS = 1_000;
    private static final int BOUND_LENGTH = 64;

    private final Path path;
    private final Configuration configuration;
    private final List<String> bounded;
    private final MessageType schema;
    private final ParquetFileWriter file;
    private final CodecFactory codecs;
    private final CompressionCodecName codec;
    private final EncodedColumn[] columns;
    private ColumnChunkPageWriteStore pages;
    private final Stream stream;
    private long rows;
    private long rowsInGroup;
    private boolean ended;

    /**
     * Begins a file.
     *
     * @param columns of the types that {@link RowColumns} knows
     * @param bounded whole numbers and texts whose smallest and largest value the file tells
     * @param codec in the names that Spark's settings use
     */
    public ColumnFile(
            Path path, StructType columns, Collection<String> bounded, String codec, Configuration configuration)
            throws IOException {
        this.path = path;
        this.configuration = configuration;
        this.bounded = List.copyOf(bounded);
        this.schema = parquet(columns);
        this.codec = CompressionCodecName.fromConf(codec);
        this.codecs = new CodecFactory(configuration, PAGE);
        this.columns = new EncodedColumn[schema.getFieldCount()];
        this.pages = begun();
        this.stream = new Stream(HadoopOutputFile.fromPath(path, configuration));
        this.file = new ParquetFileWriter(
                stream, schema, ParquetFileWriter.Mode.CREATE, ROW_GROUP, 0, BOUND_LENGTH, Integer.MAX_VALUE, false);
        file.start();
    }

    /** What a reader looks rows up by: a key, and whole numbers, whose bounds cost next to nothing. */
    public static List<String> bounded(StructType columns, List<String> key) {
        return Arrays.stream(columns.fields())
                .filter(field -> key.contains(field.name())
                        || field.dataType() instanceof LongType
                        || field.dataType() instanceof IntegerType
                        || field.dataType() instanceof ShortType)
                .map(StructField::name)
                .toList();
    }

    /** Takes the values of the row that is being written, one for each column, in the order of the schema. */
    public ColumnValues column(int at) {
        return columns[at];
    }

    /** Every column has a value of the row, or null. */
    public void endRow() throws IOException {
        rowsInGroup++;
        if (rowsInGroup % BETWEEN_LOOKS == 0
                && Arrays.stream(columns).mapToLong(EncodedColumn::size).sum() > ROW_GROUP) {
            endGroup();
            pages = begun();
        }
    }

    /**
     * Ends the file.
     *
     * @param root of its table
     */
    public DataFile end(Path root) throws IOException {
        endGroup();
        file.end(Map.of(SPARK_VERSION, org.apache.spark.package$.MODULE$.SPARK_VERSION()));
        ended = true;
        return new DataFile(
                root.toUri().relativize(path.toUri()).getPath(),
                path.getFileSystem(configuration).getFileStatus(path).getLen(),
                FileStatistics.of(file.getFooter(), bounded));
    }

    /** Rows so far. */
    public long rows() {
        return rows + rowsInGroup;
    }

    @Override
    public void close() throws IOException {
        codecs.release();
        if (!ended) {
            stream.close();
            path.getFileSystem(configuration).delete(path, false);
        }
    }

    private static MessageType parquet(StructType columns) {
        boolean legacy = false;
        boolean fieldIds = false;
        return new SparkToParquetSchemaConverter(
                        legacy, SQLConf.ParquetOutputTimestampType$.MODULE$.TIMESTAMP_MICROS(), fieldIds)
                .convert(columns);
    }

    private void endGroup() throws IOException {
        if (rowsInGroup > 0) {
            file.startBlock(rowsInGroup);
            for (EncodedColumn column : columns) {
                column.end();
            }
            pages.flushToFileWriter(file);
            file.endBlock();
        }
        rows += rowsInGroup;
        rowsInGroup = 0;
    }

    private ColumnChunkPageWriteStore begun() {
        boolean checksums = false;
        ColumnChunkPageWriteStore store = new ColumnChunkPageWriteStore(
                codecs.getCompressor(codec), schema, new HeapByteBufferAllocator(), BOUND_LENGTH, checksums);
        List<ColumnDescriptor> descriptors = schema.getColumns();
        for (int at = 0; at < columns.length; at++) {
            columns[at] = column(descriptors.get(at), store.getPageWriter(descriptors.get(at)));
        }
        return store;
    }

    private EncodedColumn column(ColumnDescriptor descriptor, PageWriter writer) {
        PrimitiveType type = descriptor.getPrimitiveType();
        boolean bounds = bounded.contains(type.getName());
        boolean text = type.getLogicalTypeAnnotation() instanceof StringLogicalTypeAnnotation;
        return switch (type.getPrimitiveTypeName()) {
            case BOOLEAN -> new BooleanColumn(type, writer);
            case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> new BytesColumn(type, writer, bounds && text);
            case INT32, INT64 -> new NumberColumn(type, writer, bounds);
            case FLOAT, DOUBLE -> new NumberColumn(type, writer, false);
        };
    }

    /** Keeps hold of the stream, which Parquet's writer closes only at the end of a whole file. */
    private static final class Stream implements OutputFile {
        private final OutputFile file;
        private @Nullable PositionOutputStream open;

        private Stream(OutputFile file) {
            this.file = file;
        }

        @Override
        public PositionOutputStream create(long blockSize) throws IOException {
            PositionOutputStream created = file.create(blockSize);
            open = created;
            return created;
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSize) throws IOException {
            throw new UnsupportedOperationException("A data file is never written twice");
        }

        @Override
        public boolean supportsBlockSize() {
            return file.supportsBlockSize();
        }

        @Override
        public long defaultBlockSize() {
            return file.defaultBlockSize();
        }

        private void close() throws IOException {
            if (open != null) {
                open.close();
            }
        }
    }
}
