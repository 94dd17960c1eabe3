package headwater.lake.table;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.FileNotFoundException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.util.FileNames;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * The log of one table. Positions are read from the newest entries: every commit that moves a table carries its
 * SetTransaction, so the state of the whole table is asked only where those entries do not say it.
 *
 * <p>After {@link #look} all answers are of one version, which only commits through this object move on; a commit rests on
 * that version and fails if another writer has moved the table since. Before, each question asks the store.
 */
public final class TableLog {
    /** So many entries back are read one by one before the state of the table is asked. */
    static final int NEAR = 20;

    private static final int KEPT = 200;

    /** The position of an app id in a version of the table, so that only later log entries have to be looked at. */
    private record Known(long version, OptionalLong position) {
        static final Known NOTHING = new Known(-1, OptionalLong.empty());
    }

    private final DeltaLog log;
    private final Map<Long, LogCommit> read = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, LogCommit> eldest) {
            return size() > KEPT;
        }
    });

    private final Map<String, Known> positions = new ConcurrentHashMap<>();
    private final TableFiles files = new TableFiles(this);
    private final TableCommits commits = new TableCommits(this);
    private volatile @Nullable Snapshot pinned;

    private TableLog(DeltaLog log) {
        this.log = log;
    }

    public static TableLog at(SparkSession spark, String path) {
        return new TableLog(DeltaLog.forTable(spark, path));
    }

    /** Where the table lies, as readers of Spark take it. */
    public String path() {
        return log.dataPath().toString();
    }

    /** Looks at the newest version and stays with it. */
    public void look() {
        pinned = newest();
    }

    /** Goes on to a commit that was made through this object. */
    void committed() {
        if (pinned != null) {
            // which Delta puts in force as it ends
            pinned = log.unsafeVolatileSnapshot();
        }
    }

    /** Goes on to a commit that a statement of Spark has made, by what Delta keeps of the table under its path by then. */
    void committedBySpark() {
        if (pinned != null) {
            look();
        }
    }

    public boolean exists() {
        return version() >= 0;
    }

    /** Its files and rows. */
    public TableFiles files() {
        return files;
    }

    /** What changes it. */
    public TableCommits commits() {
        return commits;
    }

    /** The version, -1 if there is no table. */
    public long version() {
        return snapshot().version();
    }

    public StructType schema() {
        return known().schema();
    }

    /** A property of the table, as it was last read. */
    public Optional<String> property(String name) {
        Option<String> value = known().metadata().configuration().get(name);
        return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
    }

    /** The store is asked only if nothing has been read yet: no one changes the metadata under a running process. */
    private Snapshot known() {
        Snapshot known = log.unsafeVolatileSnapshot();
        return pinned == null && known.version() >= 0 ? known : snapshot();
    }

    /** The columns that it is partitioned by. */
    List<String> partitions() {
        return JavaConverters.seqAsJavaList(snapshot().metadata().partitionColumns());
    }

    /** The newest version of a SetTransaction, empty if the table has none of this app id or does not exist. */
    public OptionalLong position(String appId) {
        return position(appId, snapshot());
    }

    OptionalLong position(String appId, Snapshot snapshot) {
        Known before = positions.getOrDefault(appId, Known.NOTHING);
        Known known = before.version() > snapshot.version() ? Known.NOTHING : before;
        OptionalLong position = position(appId, snapshot, known);
        positions.put(appId, new Known(snapshot.version(), position));
        return position;
    }

    private OptionalLong position(String appId, Snapshot snapshot, Known known) {
        long version = snapshot.version();
        while (version > known.version() && version > snapshot.version() - NEAR) {
            Optional<LogCommit> commit = commit(version);
            if (commit.isEmpty()) {
                break;
            }
            Long position = commit.get().transactions().get(appId);
            if (position != null) {
                return OptionalLong.of(position);
            }
            version--;
        }
        if (version <= known.version()) {
            return known.position();
        }
        Option<Object> position = snapshot.transactions().get(appId);
        return position.isDefined() ? OptionalLong.of((Long) position.get()) : OptionalLong.empty();
    }

    /**
     * The version after the one that reached a position: it and its successors hold everything newer. One above the
     * newest if there is nothing newer; empty if the log does not reach back that far, as of a table that was built later.
     */
    public OptionalLong firstVersionAfter(String appId, long position) {
        long newest = version();
        long first = newest + 1;
        for (long version = newest; version >= 0; version--) {
            Optional<LogCommit> commit = commit(version);
            if (commit.isEmpty()) {
                return OptionalLong.empty();
            }
            Long moved = commit.get().transactions().get(appId);
            if (moved != null && moved <= position) {
                return OptionalLong.of(first);
            }
            first = version;
        }
        return OptionalLong.empty();
    }

    /** Whether a version in a range changed a row, so that its change feed may hold some; files may be packed without that. */
    public boolean changedRows(long first, long last) {
        for (long version = first; version <= last; version++) {
            if (commit(version).map(LogCommit::changesRows).orElse(true)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether another writer changed rows since the commit that moved the table to its position: commits of ours carry one,
     * and fail where a change came before them.
     */
    public boolean isChangedByHand(String appId, long position) {
        OptionalLong first = firstVersionAfter(appId, position);
        return first.isEmpty() || changedRows(first.getAsLong(), version());
    }

    /** What a version did; empty if its log entry is gone or not yet written. */
    public Optional<LogCommit> commit(long version) {
        LogCommit known = read.get(version);
        if (known != null) {
            return Optional.of(known);
        }
        Path file = FileNames.unsafeDeltaFile(log.logPath(), version);
        try {
            LogCommit commit = LogCommit.of(version, log.store().read(file, log.newDeltaHadoopConf()));
            read.put(version, commit);
            return Optional.of(commit);
        } catch (Exception e) {
            if (e instanceof FileNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    Path root() {
        return log.dataPath();
    }

    /** Delta's own. */
    DeltaLog log() {
        return log;
    }

    Configuration configuration() {
        return log.newDeltaHadoopConf();
    }

    /**
     * Refuses a table that is not at a position any more: what was computed from there on says nothing of what another
     * writer did, even if that was undone since.
     */
    public void requireAt(String appId, long position) {
        requireAt(appId, position, snapshot());
    }

    void requireAt(String appId, long position, Snapshot snapshot) {
        OptionalLong there = position(appId, snapshot);
        if (there.orElse(-1) != position) {
            throw overtaken(OptionalLong.of(position), there, null);
        }
    }

    /** In our words: Delta's are about streaming queries. */
    Failure conflict(OptionalLong from, String appId, DeltaConcurrentModificationException e) {
        OptionalLong to = position(appId, newest());
        return to.equals(from)
                ? new Failure(
                        Remedy.RETRY,
                        "Cannot change " + root()
                                + ": another writer changed the same rows or files meanwhile. The pass"
                                + " is done again from what is there now.",
                        e)
                : overtaken(from, to, e);
    }

    private Failure overtaken(OptionalLong from, OptionalLong to, @Nullable Throwable cause) {
        return new Failure(
                Remedy.RETRY,
                "Cannot change " + root() + ": it was at " + name(from)
                        + " when the pass began, and another writer moved it" + " to " + name(to)
                        + ". Is a second merge running? Run one of the two.",
                cause);
    }

    private static String name(OptionalLong position) {
        return position.isPresent() ? new Lsn(position.getAsLong()).toString() : "no position";
    }

    /** Refuses a transaction that works on another version than was looked at. */
    void requirePinned(Snapshot snapshot) {
        Snapshot known = pinned;
        if (known != null && known.version() != snapshot.version()) {
            throw moved(known.version(), snapshot.version());
        }
    }

    Failure moved(long seen, long there) {
        return new Failure(
                Remedy.RETRY,
                "Cannot change rows of " + root() + " at version " + seen + ": another writer committed version "
                        + there
                        + ". The pass is done again from what is there now. Is a second merge running? Run one of"
                        + " the two.");
    }

    /** The version that was looked at, or the newest one. */
    Snapshot snapshot() {
        Snapshot known = pinned;
        return known != null ? known : newest();
    }

    private Snapshot newest() {
        return log.update(false, Option.empty(), Option.empty());
    }
}
