package headwater.lake.raw;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.parquet.DataFile;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.TableLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.util.DeltaFileOperations;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * The loads of one source table in raw/snapshots. A load is one snapshot of the source: its files are committed as its page
 * ranges are read, each with its range, and the SetTransaction with its LSN once it is whole.
 */
public final class SourceLoad {
    private static final String EPOCH = "headwater.epoch";
    private static final int FIRST_EPOCH = 1;
    private static final String RANGE = "headwater.range";

    private final SparkSession spark;
    private final TableSpec spec;
    private final int epoch;
    private final TableLog log;

    public SourceLoad(SparkSession spark, LakeLayout layout, TableSpec spec, int epoch) {
        this.spark = spark;
        this.spec = spec;
        this.epoch = epoch;
        this.log = TableLog.at(spark, layout.rawSnapshots(spec.source()));
    }

    /** The LSN of the newest whole load, empty if there is none. */
    public OptionalLong newest() {
        return log.position(appId());
    }

    /** The rows of the load at an LSN: the source's columns and {@link LoadColumns}. */
    public Dataset<Row> at(long lsn) {
        return log.read(
                spark,
                files().stream()
                        .filter(file ->
                                file.partitionValues().get(LoadColumns.LOAD_ID).contains(id(lsn)))
                        .toList());
    }

    /** The LSN of the newest whole load at or before a position, empty if there is none. */
    public OptionalLong newest(long before) {
        long whole = Math.min(before, newest().orElse(-1));
        return files().stream()
                .mapToLong(SourceLoad::lsn)
                .filter(lsn -> lsn <= whole)
                .max();
    }

    /**
     * The rows of the load at an LSN in the columns and types that it was written with; {@link #at} reads it as if it had
     * those of the newest one.
     */
    public Dataset<Row> written(long lsn) {
        return spark.read()
                .parquet(files().stream()
                        .filter(file -> lsn(file) == lsn)
                        .map(file -> DeltaFileOperations.absolutePath(log.path(), file.path())
                                .toString())
                        .toArray(String[]::new));
    }

    /** Takes the loads before one out of the table: every cleansed table of the source holds that one, or a later one. */
    public void forgetBefore(long lsn) {
        log.remove(files().stream().filter(file -> lsn(file) < lsn).toList());
    }

    public TableSpec spec() {
        return spec;
    }

    /** The source epoch that the loads are of. */
    public int epoch() {
        return epoch;
    }

    public TableLog log() {
        return log;
    }

    /**
     * Gives the table the columns that the source has now, and forgets what earlier snapshots left behind of this table
     * without becoming whole.
     */
    public void prepare(StructType columns, long lsn) {
        StructType schema = files(columns).add(LoadColumns.LOAD_ID, DataTypes.StringType);
        log.define(schema, List.of(LoadColumns.LOAD_ID), Map.of("delta.checkpointInterval", "100"));
        long whole = newest().orElse(-1);
        log.remove(tagged().stream()
                .filter(file -> lsn(file) > whole && lsn(file) != lsn)
                .toList());
    }

    /** The columns of a file: those of the source, and the position. */
    public static StructType files(StructType columns) {
        return columns.add(LoadColumns.EPOCH, DataTypes.IntegerType).add(LoadColumns.LOAD_LSN, DataTypes.LongType);
    }

    /** What is durable of the load at an LSN. */
    public List<LoadFile> durable(long lsn) {
        List<LoadFile> files = new ArrayList<>();
        for (AddFile file : tagged()) {
            if (lsn(file) == lsn) {
                PageRange range = PageRange.parse(file.tags().apply(RANGE));
                files.add(new LoadFile(range, new DataFile(file.path(), file.size(), file.stats()), (Long)
                        file.numLogicalRecords().get()));
            }
        }
        return files;
    }

    /** Makes files of the load at an LSN durable. */
    public void append(List<LoadFile> files, long lsn) {
        log.append(files.stream().map(file -> action(file, lsn)).toList());
    }

    /** The load at an LSN is whole. */
    public void finish(long lsn) {
        log.advance(appId(), lsn);
    }

    /** The folder of a load's files, below the table's. */
    public static String folder(long lsn) {
        return LoadColumns.LOAD_ID + "=" + id(lsn);
    }

    private String appId() {
        return CommitId.load(spec.source(), epoch);
    }

    /** Those of this epoch, whose LSNs those of another say nothing about. */
    private List<AddFile> files() {
        String own = String.valueOf(epoch);
        return log.files().stream()
                .filter(file -> {
                    String tag = tag(file, EPOCH);
                    return tag == null ? epoch == FIRST_EPOCH : own.equals(tag);
                })
                .toList();
    }

    private List<AddFile> tagged() {
        return log.files().stream()
                .filter(file -> String.valueOf(epoch).equals(tag(file, EPOCH)))
                .toList();
    }

    private static @Nullable String tag(AddFile file, String name) {
        Option<String> tag = file.tagsOrEmpty().get(name);
        return tag.isDefined() ? tag.get() : null;
    }

    private static long lsn(AddFile file) {
        return Long.parseUnsignedLong(file.partitionValues().apply(LoadColumns.LOAD_ID), 16);
    }

    private AddFile action(LoadFile file, long lsn) {
        return TableLog.added(
                file.file(),
                Map.of(LoadColumns.LOAD_ID, id(lsn)),
                Map.of(EPOCH, String.valueOf(epoch), RANGE, file.range().toString()));
    }

    /** One load per snapshot: its LSN, in a form that sorts. */
    private static String id(long lsn) {
        return String.format("%016X", lsn);
    }
}
