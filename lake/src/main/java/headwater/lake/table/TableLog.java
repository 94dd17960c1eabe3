package headwater.lake.table;

import headwater.lake.contract.Lsn;
import headwater.lake.parquet.DataFile;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.delta.util.FileNames;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;
import scala.Predef;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * The log of one table. Positions are read from the newest entries: every commit that moves a table carries its
 * SetTransaction, so the state of the whole table is asked only where those entries do not say it.
 */
public final class TableLog {
    private static final int NEAR = 20;
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
    private final Map<String, AddFile> files = new LinkedHashMap<>();
    private long filesVersion = -1;

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

    public boolean exists() {
        return version() >= 0;
    }

    /** The newest version, -1 if there is no table. */
    public long version() {
        return snapshot().version();
    }

    public StructType schema() {
        // the store is asked only if nothing has been read yet: no one changes it under a running pass
        Snapshot known = log.unsafeVolatileSnapshot();
        return (known.version() >= 0 ? known : snapshot()).schema();
    }

    /** A property of the table, as it was last read. */
    public Optional<String> property(String name) {
        Snapshot known = log.unsafeVolatileSnapshot();
        Option<String> value = (known.version() >= 0 ? known : snapshot())
                .metadata()
                .configuration()
                .get(name);
        return value.isDefined() ? Optional.of(value.get()) : Optional.empty();
    }

    /** Gives the table a property. */
    public void describe(String name, String value) {
        OptimisticTransaction transaction = log.startTransaction(Option.empty(), Option.empty());
        describe(transaction, name, value);
        commit(transaction, List.of());
    }

    private static void describe(OptimisticTransaction transaction, String name, String value) {
        Metadata known = transaction.metadata();
        update(
                transaction,
                known.schemaString(),
                known.partitionColumns(),
                known.configuration().updated(name, value),
                known.createdTime());
    }

    /** Gives the table other metadata under its name and id. */
    private static void update(
            OptimisticTransaction transaction,
            String schema,
            Seq<String> partitionColumns,
            scala.collection.immutable.Map<String, String> properties,
            Option<Object> createdTime) {
        Metadata known = transaction.metadata();
        transaction.updateMetadata(
                new Metadata(
                        known.id(),
                        known.name(),
                        known.description(),
                        known.format(),
                        schema,
                        partitionColumns,
                        properties,
                        createdTime),
                false);
    }

    /** The columns that it is partitioned by. */
    List<String> partitions() {
        return JavaConverters.seqAsJavaList(snapshot().metadata().partitionColumns());
    }

    /** The newest version of a SetTransaction, empty if the table has none of this app id or does not exist. */
    public OptionalLong position(String appId) {
        return position(appId, snapshot());
    }

    private OptionalLong position(String appId, Snapshot snapshot) {
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

    /** Whether a version in a range added or removed a file, so that its change feed may hold rows. */
    public boolean changedRows(long first, long last) {
        for (long version = first; version <= last; version++) {
            Optional<LogCommit> commit = commit(version);
            if (commit.isEmpty()
                    || !commit.get().removes().isEmpty()
                    || !commit.get().adds().isEmpty()) {
                return true;
            }
        }
        return false;
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

    /** The files of the newest version: kept in memory and moved on by the log entries since. */
    public synchronized List<AddFile> files() {
        Snapshot snapshot = snapshot();
        while (filesVersion >= 0 && filesVersion < snapshot.version()) {
            Optional<LogCommit> next = commit(filesVersion + 1);
            filesVersion = next.isPresent() ? filesVersion + 1 : -1;
            next.ifPresent(commit -> commit.applyTo(files));
        }
        if (filesVersion != snapshot.version() && !replayed(snapshot.version())) {
            files.clear();
            all(snapshot).forEach(file -> files.put(file.path(), file));
            filesVersion = snapshot.version();
        }
        return List.copyOf(files.values());
    }

    /** The files of a young table, from all of its log entries; false if the table is old, or they are not all there. */
    private boolean replayed(long version) {
        files.clear();
        for (long next = 0; next <= version; next++) {
            Optional<LogCommit> commit = version < NEAR ? commit(next) : Optional.empty();
            if (commit.isEmpty()) {
                return false;
            }
            commit.get().applyTo(files);
        }
        filesVersion = version;
        return true;
    }

    /** From the checksum file, which holds them as long as they are few, else by a Spark job over the log. */
    private static List<AddFile> all(Snapshot snapshot) {
        Option<VersionChecksum> checksum = snapshot.checksumOpt();
        Option<Seq<AddFile>> files = checksum.isDefined() ? checksum.get().allFiles() : Option.empty();
        return files.isDefined()
                ? JavaConverters.seqAsJavaList(files.get())
                : List.of((AddFile[]) snapshot.allFiles().collect());
    }

    /** All rows of the newest version, for plans of a session; planned without a job that asks the log. */
    public Dataset<Row> rows(SparkSession session) {
        return read(session, files());
    }

    /** Exactly the rows of some files of the table, for plans of a session. */
    public Dataset<Row> read(SparkSession session, List<AddFile> some) {
        // Delta takes the session from the thread
        Option<SparkSession> before = SparkSession.getActiveSession();
        SparkSession.setActiveSession(session);
        try {
            Snapshot snapshot = snapshot();
            PinnedFiles files = new PinnedFiles(
                    session, log, snapshot, JavaConverters.asScalaBuffer(some).toSeq());
            return session.baseRelationToDataFrame(
                    log.buildHadoopFsRelationWithFileIndex(snapshot, files, Option.empty(), true));
        } finally {
            before.foreach(other -> {
                SparkSession.setActiveSession(other);
                return null;
            });
        }
    }

    /** Starts a commit that fails if another writer moves the app id meanwhile. */
    OptimisticTransaction begin(String appId) {
        OptimisticTransaction transaction = log.startTransaction(Option.empty(), Option.empty());
        // what txnVersion(appId) does, without its Spark job over the state of the table
        transaction.readTxn().$plus$eq(appId);
        return transaction;
    }

    /** The same, of a table that has to be at a version still. */
    OptimisticTransaction begin(String appId, long version) {
        OptimisticTransaction transaction = begin(appId);
        if (transaction.snapshot().version() != version) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot change rows of " + root() + " at version " + version
                            + ": another writer committed version "
                            + transaction.snapshot().version() + ". Is a second merge running?");
        }
        return transaction;
    }

    /**
     * Commits actions with the position that they move the table to, unless it was there when the transaction began;
     * returns the newest version. The operation is named as what it does to the table, since Delta derives the next
     * checksum from the last one, without a Spark job over the state of the table, for operations that it knows.
     */
    long commit(OptimisticTransaction transaction, List<Action> actions, String appId, long position) {
        if (position(appId, transaction.snapshot()).orElse(-1) >= position) {
            return version();
        }
        List<Action> all = new ArrayList<>(actions);
        all.add(new SetTransaction(appId, position, Option.apply(System.currentTimeMillis())));
        Seq<DeltaOperations.MergePredicate> none = JavaConverters.asScalaBuffer(
                        List.<DeltaOperations.MergePredicate>of())
                .toSeq();
        DeltaOperations.Merge merge = new DeltaOperations.Merge(
                Option.empty(), Option.empty(), Option.empty(), Option.empty(), none, none, none);
        try {
            return transaction.commit(JavaConverters.asScalaBuffer(all).toSeq(), merge);
        } catch (DeltaConcurrentModificationException e) {
            throw conflict(position(appId, transaction.snapshot()), appId, e);
        }
    }

    /**
     * Makes the table, or gives it other columns where they differ.
     *
     * @param properties of a new table
     */
    public void define(StructType schema, List<String> partitionColumns, Map<String, String> properties) {
        OptimisticTransaction transaction = log.startTransaction(Option.empty(), Option.empty());
        boolean exists = transaction.snapshot().version() >= 0;
        if (!exists || !transaction.metadata().schema().equals(schema)) {
            define(transaction, schema, partitionColumns, properties);
            commit(transaction, List.of());
        }
    }

    /**
     * Makes the table with its first files and the position that they are at, in one commit. What a build that ended before
     * its last commit has left of it gives way.
     */
    public void create(
            StructType schema, Map<String, String> properties, List<DataFile> files, String appId, long position) {
        OptimisticTransaction transaction = begin(appId);
        if (transaction.snapshot().version() < 0) {
            define(transaction, schema, List.of(), properties);
        }
        List<Action> actions = new ArrayList<>();
        if (transaction.snapshot().version() >= 0) {
            all(transaction.snapshot()).forEach(file -> actions.add(file.remove()));
        }
        files.forEach(file -> actions.add(added(file, Map.of(), Map.of())));
        commit(transaction, actions, appId, position);
    }

    private static void define(
            OptimisticTransaction transaction,
            StructType schema,
            List<String> partitionColumns,
            Map<String, String> properties) {
        boolean exists = transaction.snapshot().version() >= 0;
        Metadata known = transaction.metadata();
        update(
                transaction,
                schema.json(),
                JavaConverters.asScalaBuffer(partitionColumns).toSeq(),
                exists ? known.configuration() : map(properties),
                exists ? known.createdTime() : Option.apply(System.currentTimeMillis()));
    }

    /** Adds files, without a position. */
    public void append(List<AddFile> files) {
        commit(log.startTransaction(Option.empty(), Option.empty()), files);
    }

    /** Takes files out of the table, if there are any. */
    public void remove(List<AddFile> files) {
        if (!files.isEmpty()) {
            commit(
                    log.startTransaction(Option.empty(), Option.empty()),
                    files.stream().map(AddFile::remove).toList());
        }
    }

    /**
     * The action that makes a file part of the table.
     *
     * @param partition values of the partition columns
     * @param tags what is to be remembered of the file
     */
    public static AddFile added(DataFile file, Map<String, String> partition, Map<String, String> tags) {
        boolean dataChange = true;
        return new AddFile(
                file.path(),
                map(partition),
                file.size(),
                System.currentTimeMillis(),
                dataChange,
                file.statistics(),
                map(tags),
                null,
                Option.empty(),
                Option.empty(),
                Option.empty());
    }

    static scala.collection.immutable.Map<String, String> map(Map<String, String> entries) {
        scala.collection.immutable.Map<String, String> result = Predef.Map().empty();
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            result = result.updated(entry.getKey(), entry.getValue());
        }
        return result;
    }

    private static void commit(OptimisticTransaction transaction, List<? extends Action> actions) {
        transaction.commit(
                JavaConverters.asScalaBuffer(List.<Action>copyOf(actions)).toSeq(),
                new DeltaOperations.Write(SaveMode.Append, Option.empty(), Option.empty(), Option.empty()));
    }

    Path root() {
        return log.dataPath();
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
        OptionalLong to = position(appId);
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

    /** Moves the table from a position to a later one without touching a row; returns the new version. */
    public long advance(String appId, long from, long to) {
        OptimisticTransaction transaction = begin(appId);
        requireAt(appId, from, transaction.snapshot());
        return commit(transaction, List.of(), appId, to);
    }

    /** Moves the table to a position without touching a row. */
    public void advance(String appId, long position) {
        commit(begin(appId), List.of(), appId, position);
    }

    /** The same, with an action of the table as a whole in that commit. */
    public void advance(String appId, long position, Action action) {
        commit(begin(appId), List.of(action), appId, position);
    }

    /** The same, and gives it a property in that commit. */
    public void advance(String appId, long position, String property, String value) {
        OptimisticTransaction transaction = begin(appId);
        if (!transaction.metadata().configuration().get(property).contains(value)) {
            describe(transaction, property, value);
        }
        commit(transaction, List.of(), appId, position);
    }

    private Snapshot snapshot() {
        return log.update(false, Option.empty(), Option.empty());
    }
}
