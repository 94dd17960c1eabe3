package headwater.lake.backfill;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.SourceSettings;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.apache.spark.util.LongAccumulator;
import scala.Option;

/** A source table in a snapshot as a Spark table: one task per page range, each with a connection of its own. */
final class CopyTable implements Table, SupportsRead {
    private final SourceTable table;
    private final List<SourceColumn> columns;
    private final List<PageRange> ranges;
    private final Reading reading;

    /** @param rows counts what was read */
    CopyTable(
            SourceSettings source,
            SourceTable table,
            List<SourceColumn> columns,
            List<PageRange> ranges,
            String snapshot,
            LongAccumulator rows) {
        this.table = table;
        this.columns = List.copyOf(columns);
        this.ranges = ranges;
        this.reading = new Reading(source, table.toString(), this.columns, snapshot, rows);
    }

    /** Its rows, read when an action runs; the snapshot must still be exported then. */
    Dataset<Row> rows(SparkSession spark) {
        return Dataset.ofRows(
                spark,
                DataSourceV2Relation.create(this, Option.empty(), Option.empty(), CaseInsensitiveStringMap.empty()));
    }

    @Override
    public String name() {
        return table.toString();
    }

    @Override
    @SuppressWarnings("deprecation")
    public StructType schema() {
        StructType schema = new StructType();
        for (SourceColumn column : columns) {
            schema = schema.add(column.name(), column.type());
        }
        return schema;
    }

    @Override
    public Set<TableCapability> capabilities() {
        return Set.of(TableCapability.BATCH_READ);
    }

    @Override
    public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
        return WholeTable::new;
    }

    private final class WholeTable implements Scan, Batch {
        @Override
        public StructType readSchema() {
            return schema();
        }

        @Override
        public Batch toBatch() {
            return this;
        }

        @Override
        public InputPartition[] planInputPartitions() {
            return ranges.toArray(InputPartition[]::new);
        }

        @Override
        public PartitionReaderFactory createReaderFactory() {
            return reading;
        }
    }

    /** What every task needs beside its range. */
    record Reading(
            SourceSettings source, String table, List<SourceColumn> columns, String snapshot, LongAccumulator rows)
            implements PartitionReaderFactory {

        @Override
        public PartitionReader<InternalRow> createReader(InputPartition partition) {
            return new CopyReader(this, (PageRange) partition);
        }
    }
}
