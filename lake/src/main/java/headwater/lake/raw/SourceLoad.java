package headwater.lake.raw;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.LoadColumns;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.TableFile;
import headwater.lake.table.TableLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

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
        return log.files()
                .read(
                        spark,
                        files().stream()
                                .filter(file ->
                                        file.partition(LoadColumns.LOAD_ID).equals(Optional.of(id(lsn))))
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
                        .map(log.files()::address)
                        .toArray(String[]::new));
    }

    /** Takes the loads before one out of the table: every cleansed table of the source holds that one, or a later one. */
    public void forgetBefore(long lsn) {
        log.commits().remove(files().stream().filter(file -> lsn(file) < lsn).toList());
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
        log.commits().define(schema, List.of(LoadColumns.LOAD_ID), Map.of("delta.checkpointInterval", "100"));
        long whole = newest().orElse(-1);
        log.commits()
                .remove(tagged().stream()
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
        for (TableFile file : tagged()) {
            if (lsn(file) == lsn) {
                PageRange range = PageRange.parse(file.tag(RANGE).orElseThrow());
                files.add(new LoadFile(range, file.data(), file.rows()));
            }
        }
        return files;
    }

    /** Makes files of the load at an LSN durable. */
    public void append(List<LoadFile> files, long lsn) {
        log.commits().append(files.stream().map(file -> action(file, lsn)).toList());
    }

    /** The load at an LSN is whole. */
    public void finish(long lsn) {
        log.commits().advance(appId(), lsn);
    }

    /** The folder of a load's files, below the table's. */
    public static String folder(long lsn) {
        return LoadColumns.LOAD_ID + "=" + id(lsn);
    }

    private String appId() {
        return CommitId.load(spec.source(), epoch);
    }

    /** Those of this epoch, whose LSNs those of another say nothing about. */
    private List<TableFile> files() {
        String own = String.valueOf(epoch);
        return log.files().all().stream()
                .filter(file -> {
                    Optional<String> tag = file.tag(EPOCH);
                    return tag.map(own::equals).orElse(epoch == FIRST_EPOCH);
                })
                .toList();
    }

    private List<TableFile> tagged() {
        return log.files().all().stream()
                .filter(file -> file.tag(EPOCH).equals(Optional.of(String.valueOf(epoch))))
                .toList();
    }

    private static long lsn(TableFile file) {
        return Long.parseUnsignedLong(file.partition(LoadColumns.LOAD_ID).orElseThrow(), 16);
    }

    private TableFile action(LoadFile file, long lsn) {
        return TableFile.of(
                file.file(),
                Map.of(LoadColumns.LOAD_ID, id(lsn)),
                Map.of(EPOCH, String.valueOf(epoch), RANGE, file.range().toString()));
    }

    /** One load per snapshot: its LSN, in a form that sorts. */
    private static String id(long lsn) {
        return String.format("%016X", lsn);
    }
}
