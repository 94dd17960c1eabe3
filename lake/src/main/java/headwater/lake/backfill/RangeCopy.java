package headwater.lake.backfill;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.execution.datasources.parquet.SparkToParquetSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The Spark task of a load: reads one page range by binary COPY under the exported snapshot, over a connection of its own, and
 * writes one Parquet file.
 *
 * @param table the source table, as errors name it
 * @param epoch and lsn: the position at which every row stands
 * @param root folder of the Delta table
 * @param folder of the load's files, below the root
 * @param schema of the files: the columns, the epoch, the LSN
 * @param codec of the files
 * @param rate most rows a second, 0 for no limit
 */
record RangeCopy(
        SourceSettings source,
        String table,
        List<SourceColumn> columns,
        int epoch,
        long lsn,
        String snapshot,
        String root,
        String folder,
        StructType schema,
        String codec,
        double rate,
        SerializableConfiguration configuration)
        implements Function<PageRange, LoadFile> {

    @Override
    public LoadFile call(PageRange range) throws IOException {
        try (Connection connection = source.open()) {
            return write(range, begun(connection, range));
        } catch (SQLException e) {
            throw new IOException("Cannot read " + table + " from PostgreSQL: " + Failure.reason(e), e);
        }
    }

    private CopyOut begun(Connection connection, PageRange range) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SourceSettings.TEXT_FORM + "; SET TRANSACTION SNAPSHOT '" + snapshot + "'");
        }
        return connection.unwrap(PGConnection.class).getCopyAPI().copyOut(range.copy(columns));
    }

    private LoadFile write(PageRange range, CopyOut copy) throws IOException, SQLException {
        Configuration hadoop = configuration.value();
        String path = folder + "/" + UUID.randomUUID() + ".parquet";
        Path file = new Path(root, path);
        try (LoadFileWriter writer = new LoadFileWriter(file, parquet(), codec, hadoop)) {
            rows(new CopyBuffer(copy), writer);
            long rows = writer.end();
            long size = file.getFileSystem(hadoop).getFileStatus(file).getLen();
            return new LoadFile(range, path, size, rows);
        }
    }

    private void rows(CopyBuffer bytes, LoadFileWriter writer) throws IOException, SQLException {
        FieldWriter[] fields =
                columns.stream().map(column -> FieldWriter.of(column, table)).toArray(FieldWriter[]::new);
        Pace pace = new Pace(rate);
        bytes.skipHeader();
        while (bytes.readShort() >= 0) {
            for (int at = 0; at < fields.length; at++) {
                int length = bytes.readInt();
                ColumnWriter column = writer.column(at);
                if (length < 0) {
                    column.writeNull(0, 0);
                } else {
                    fields[at].write(bytes.require(length), length, column);
                }
            }
            writer.column(fields.length).write(epoch, 0, FieldWriter.DEFINED);
            writer.column(fields.length + 1).write(lsn, 0, FieldWriter.DEFINED);
            writer.endRow();
            pace.rowDone();
        }
    }

    private MessageType parquet() {
        boolean legacy = false;
        boolean fieldIds = false;
        return new SparkToParquetSchemaConverter(
                        legacy, SQLConf.ParquetOutputTimestampType$.MODULE$.TIMESTAMP_MICROS(), fieldIds)
                .convert(schema);
    }
}
