package headwater.lake.backfill;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnWriteStoreV1;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file that is written column by column, with Parquet's own encoders. Spark's writer goes through a row object, a
 * projection and a record consumer for every value, which costs more than the encoding.
 */
final class LoadFileWriter implements AutoCloseable {
    /** What Spark looks for to read days before 1582 as they are, in the calendar of PostgreSQL and ISO 8601. */
    private static final String SPARK_VERSION = "org.apache.spark.version";

    private static final int PAGE = 1 << 20;
    /** Columns of few different values are kept as indexes of a dictionary; this is how soon the others give it up. */
    private static final int DICTIONARY = 256 << 10;
    /** A range of pages stays below it, unless its rows have large values beside them. */
    private static final long ROW_GROUP = 128L << 20;

    private static final int BETWEEN_LOOKS = 1_000;

    private final MessageType schema;
    private final ParquetFileWriter file;
    private final CodecFactory codecs;
    private final CompressionCodecName codec;
    private final ParquetProperties properties;
    private final ColumnWriter[] columns;
    private ColumnChunkPageWriteStore pages;
    private ColumnWriteStoreV1 store;
    private long rows;
    private long rowsInGroup;

    /** @param codec in the names of Parquet's enumeration */
    LoadFileWriter(Path path, MessageType schema, String codec, Configuration configuration) throws IOException {
        this.schema = schema;
        this.codec = CompressionCodecName.fromConf(codec);
        this.codecs = new CodecFactory(configuration, PAGE);
        this.properties = ParquetProperties.builder()
                .withPageSize(PAGE)
                .withDictionaryPageSize(DICTIONARY)
                .withPageWriteChecksumEnabled(false)
                .build();
        this.columns = new ColumnWriter[schema.getColumns().size()];
        this.pages = pages();
        this.store = open();
        this.file = new ParquetFileWriter(
                HadoopOutputFile.fromPath(path, configuration),
                schema,
                ParquetFileWriter.Mode.CREATE,
                ROW_GROUP,
                0,
                properties.getColumnIndexTruncateLength(),
                properties.getStatisticsTruncateLength(),
                false);
        file.start();
    }

    /** Takes the values of the row that is being written, one for each column, in the order of the schema. */
    ColumnWriter column(int at) {
        return columns[at];
    }

    void endRow() throws IOException {
        store.endRecord();
        rowsInGroup++;
        if (rowsInGroup % BETWEEN_LOOKS == 0 && store.getBufferedSize() > ROW_GROUP) {
            endGroup();
            pages = pages();
            store = open();
        }
    }

    /** Ends the file; returns its number of rows. */
    long end() throws IOException {
        endGroup();
        file.end(Map.of(SPARK_VERSION, org.apache.spark.package$.MODULE$.SPARK_VERSION()));
        return rows;
    }

    @Override
    public void close() {
        codecs.release();
    }

    private void endGroup() throws IOException {
        if (rowsInGroup > 0) {
            file.startBlock(rowsInGroup);
            store.flush();
            pages.flushToFileWriter(file);
            file.endBlock();
        }
        store.close();
        rows += rowsInGroup;
        rowsInGroup = 0;
    }

    private ColumnChunkPageWriteStore pages() {
        return new ColumnChunkPageWriteStore(
                codecs.getCompressor(codec),
                schema,
                new HeapByteBufferAllocator(),
                properties.getColumnIndexTruncateLength(),
                properties.getPageWriteChecksumEnabled());
    }

    private ColumnWriteStoreV1 open() {
        ColumnWriteStoreV1 opened = new ColumnWriteStoreV1(schema, pages, properties);
        ColumnDescriptor[] descriptors = schema.getColumns().toArray(ColumnDescriptor[]::new);
        for (int at = 0; at < descriptors.length; at++) {
            columns[at] = opened.getColumnWriter(descriptors[at]);
        }
        return opened;
    }
}
