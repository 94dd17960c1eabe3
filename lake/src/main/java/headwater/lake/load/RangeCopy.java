package headwater.lake.load;

import headwater.lake.parquet.ColumnFile;
import headwater.lake.parquet.ColumnValues;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Sql;
import headwater.lake.raw.LoadFile;
import headwater.lake.raw.PageRange;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The Spark task of a load: reads one page range by binary COPY under the exported snapshot, over a connection of its own, and
 * writes one Parquet file.
 *
 * @param table the source table, as errors name it
 * @param epoch of the source, the first part of the position at which every row stands
 * @param lsn of the snapshot, its second part
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
        new Sql(connection)
                .run(
                        SourceSettings.TEXT_FORM,
                        // rows that a policy hides are an error then, and not left out
                        "SET row_security TO off",
                        "SET TRANSACTION SNAPSHOT '" + snapshot + "'");
        return connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement(range));
    }

    /** The COPY that reads a range. */
    private String statement(PageRange range) {
        StringBuilder list = new StringBuilder();
        for (SourceColumn column : columns) {
            list.append(list.isEmpty() ? "" : ", ").append(column.sql());
        }
        String upper = range.to() < 0 ? "" : " AND ctid < '(" + range.to() + ",0)'::tid";
        return "COPY (SELECT " + list + " FROM ONLY " + range.leaf() + " WHERE ctid >= '(" + range.from() + ",0)'::tid"
                + upper + ") TO STDOUT (FORMAT binary)";
    }

    private LoadFile write(PageRange range, CopyOut copy) throws IOException, SQLException {
        Path file = new Path(new Path(root, folder), UUID.randomUUID() + ".parquet");
        try (ColumnFile writer = new ColumnFile(file, schema, List.of(), codec, configuration.value())) {
            rows(new CopyBuffer(copy), writer);
            // bounds of columns would cost more than they save: a load is read as a whole
            return new LoadFile(range, writer.end(new Path(root)), writer.rows());
        }
    }

    private void rows(CopyBuffer bytes, ColumnFile writer) throws IOException, SQLException {
        FieldWriter[] fields =
                columns.stream().map(column -> FieldWriter.of(column, table)).toArray(FieldWriter[]::new);
        Pace pace = new Pace(rate);
        bytes.skipHeader();
        while (bytes.readShort() >= 0) {
            for (int at = 0; at < fields.length; at++) {
                int length = bytes.readInt();
                ColumnValues column = writer.column(at);
                if (length < 0) {
                    column.writeNull();
                } else {
                    fields[at].write(bytes.require(length), length, column);
                }
            }
            writer.column(fields.length).writeNumber(epoch);
            writer.column(fields.length + 1).writeNumber(lsn);
            writer.endRow();
            pace.rowDone();
        }
    }
}
