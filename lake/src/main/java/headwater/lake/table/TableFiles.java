package headwater.lake.table;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.VersionChecksum;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.util.DeltaFileOperations;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** The files of one table in its newest version, and the rows in them. Kept in memory and moved on by the log entries since. */
public final class TableFiles {
    private final TableLog log;
    private final Map<String, AddFile> files = new LinkedHashMap<>();
    private long version = -1;

    TableFiles(TableLog log) {
        this.log = log;
    }

    /** The files of the newest version. */
    public List<TableFile> all() {
        return actions().stream().map(TableFile::new).toList();
    }

    /** Where a file lies. */
    public String address(TableFile file) {
        return DeltaFileOperations.absolutePath(log.path(), file.path()).toString();
    }

    /** Exactly the rows of some files of the table, for plans of a session. */
    public Dataset<Row> read(SparkSession session, List<TableFile> some) {
        return rows(session, some.stream().map(TableFile::action).toList());
    }

    /** The same as Delta has them. */
    synchronized List<AddFile> actions() {
        Snapshot snapshot = log.snapshot();
        while (version >= 0 && version < snapshot.version()) {
            Optional<LogCommit> next = log.commit(version + 1);
            version = next.isPresent() ? version + 1 : -1;
            next.ifPresent(commit -> commit.applyTo(files));
        }
        if (version != snapshot.version() && !replayed(snapshot.version())) {
            files.clear();
            of(snapshot).forEach(file -> files.put(file.path(), file));
            version = snapshot.version();
        }
        return List.copyOf(files.values());
    }

    /** The files of a young table, from all of its log entries; false if the table is old, or they are not all there. */
    private boolean replayed(long newest) {
        files.clear();
        for (long next = 0; next <= newest; next++) {
            Optional<LogCommit> commit = newest < TableLog.NEAR ? log.commit(next) : Optional.empty();
            if (commit.isEmpty()) {
                return false;
            }
            commit.get().applyTo(files);
        }
        version = newest;
        return true;
    }

    /** From the checksum file, which holds them as long as they are few, else by a Spark job over the log. */
    static List<AddFile> of(Snapshot snapshot) {
        Option<VersionChecksum> checksum = snapshot.checksumOpt();
        Option<Seq<AddFile>> files = checksum.isDefined() ? checksum.get().allFiles() : Option.empty();
        return files.isDefined()
                ? JavaConverters.seqAsJavaList(files.get())
                : List.of((AddFile[]) snapshot.allFiles().collect());
    }

    /** All rows of the newest version, for plans of a session; planned without a job that asks the log. */
    public Dataset<Row> rows(SparkSession session) {
        return rows(session, actions());
    }

    Dataset<Row> rows(SparkSession session, List<AddFile> some) {
        // Delta takes the session from the thread
        Option<SparkSession> before = SparkSession.getActiveSession();
        SparkSession.setActiveSession(session);
        try {
            Snapshot snapshot = log.snapshot();
            PinnedFiles files = new PinnedFiles(
                    session,
                    log.log(),
                    snapshot,
                    JavaConverters.asScalaBuffer(some).toSeq());
            return session.baseRelationToDataFrame(
                    log.log().buildHadoopFsRelationWithFileIndex(snapshot, files, Option.empty(), true));
        } finally {
            before.foreach(other -> {
                SparkSession.setActiveSession(other);
                return null;
            });
        }
    }
}
