package headwater.lake.raw;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.LogCommit;
import headwater.lake.table.TableFile;
import headwater.lake.table.TableLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads raw/changes by position. Each commit says in its log entry how far it reaches, so a pass opens only the log
 * entries and files that are new to it: its cost does not grow with the age of the table.
 */
public final class RawChanges {
    private static final Logger LOG = LoggerFactory.getLogger(RawChanges.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_COMMITS = 1_000;

    private final SparkSession spark;
    private final String path;
    private final TableLog log;

    public RawChanges(SparkSession spark, LakeLayout layout) {
        this.spark = spark;
        this.path = layout.rawChanges();
        this.log = TableLog.at(spark, path);
    }

    /** Looks at what the newest commit of capture says, empty if capture has not yet created the table. */
    public Optional<CaptureOffset> newest() {
        log.look();
        for (long version = log.version(); version >= 0; version--) {
            Optional<CaptureOffset> offset = log.commit(version).flatMap(RawChanges::offset);
            if (offset.isPresent()) {
                return offset;
            }
        }
        return Optional.empty();
    }

    /** Begins an epoch with its first position, in a commit without changes; a capture of the one before cannot go on then. */
    public void begin(CaptureOffset first) {
        try {
            log.commits()
                    .advanceWithDomain(
                            CommitId.capture(first.slot(), first.epoch()),
                            first.lsn(),
                            CaptureOffset.DOMAIN,
                            JSON.writeValueAsString(first));
        } catch (JsonProcessingException e) {
            throw new Failure(Remedy.BUG, "Cannot write the offset of raw/changes: " + e.getOriginalMessage(), e);
        }
    }

    /** All changes with {@code from < commit_lsn <= to} of an epoch. */
    public Dataset<Row> between(long from, long to, int epoch) {
        return files(from)
                .map(files -> log.files().read(spark, files))
                .orElseGet(() -> {
                    LOG.info("Reading raw changes by file statistics, the log does not lead back from={}", from);
                    return all();
                })
                .where(col("commit_lsn").gt(from).and(col("commit_lsn").leq(to)))
                .where(col("source_epoch").equalTo(epoch));
    }

    /** Whether there may be a change after a position: false is certain. */
    public boolean hasFilesAfter(long from) {
        return files(from).map(files -> !files.isEmpty()).orElse(true);
    }

    /** The whole table. */
    public Dataset<Row> all() {
        return spark.read().format("delta").load(path);
    }

    /** The files of all commits after a position; empty if the log is gone so far back, or compacted since. */
    private Optional<List<TableFile>> files(long from) {
        List<TableFile> files = new ArrayList<>();
        long newest = log.version();
        for (long version = newest; version > newest - MAX_COMMITS; version--) {
            Optional<LogCommit> commit = version < 0 ? Optional.empty() : log.commit(version);
            if (commit.isEmpty() || !commit.get().removes().isEmpty()) {
                return version < 0 ? Optional.of(files) : Optional.empty();
            }
            Optional<CaptureOffset> offset = offset(commit.get());
            if (offset.isPresent() && offset.get().lsn() <= from) {
                return Optional.of(files);
            }
            files.addAll(commit.get().files());
        }
        return Optional.empty();
    }

    private static Optional<CaptureOffset> offset(LogCommit commit) {
        String json = commit.domains().get(CaptureOffset.DOMAIN);
        if (json == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(json, CaptureOffset.class));
        } catch (JsonProcessingException e) {
            throw new Failure(
                    Remedy.BUG,
                    "Cannot read the offset in version " + commit.version() + " of raw/changes: "
                            + e.getOriginalMessage(),
                    e);
        }
    }
}
