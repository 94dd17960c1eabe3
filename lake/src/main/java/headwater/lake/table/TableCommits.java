package headwater.lake.table;

import headwater.lake.parquet.DataFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.DomainMetadata;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.SetTransaction;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Predef;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Commits to one table that carry the position which they move it to, so that data and position are durable together: none
 * is done twice, and none after another writer has moved the table.
 */
public final class TableCommits {
    private final TableLog log;

    TableCommits(TableLog log) {
        this.log = log;
    }

    /** Gives the table a property. */
    public void describe(String name, String value) {
        OptimisticTransaction transaction = begin();
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

    private OptimisticTransaction begin() {
        return log.log().startTransaction(Option.empty(), Option.apply(log.snapshot()));
    }

    /** Starts a commit that fails if another writer moves the app id meanwhile. */
    OptimisticTransaction begin(String appId) {
        OptimisticTransaction transaction = begin();
        // what txnVersion(appId) does, without its Spark job over the state of the table
        transaction.readTxn().$plus$eq(appId);
        return transaction;
    }

    /** The same, of a table that has to be at a version still, and to keep all rows of it until the commit. */
    OptimisticTransaction begin(String appId, long version) {
        OptimisticTransaction transaction = begin(appId);
        if (transaction.snapshot().version() != version) {
            throw log.moved(version, transaction.snapshot().version());
        }
        transaction.readWholeTable();
        return transaction;
    }

    /**
     * Commits actions with the position that they move the table to, unless it was there when the transaction began;
     * returns the newest version. The operation is named as what it does to the table, since Delta derives the next
     * checksum from the last one, without a Spark job over the state of the table, for operations that it knows.
     */
    long commit(OptimisticTransaction transaction, List<Action> actions, String appId, long position) {
        if (log.position(appId, transaction.snapshot()).orElse(-1) >= position) {
            return log.version();
        }
        List<Action> all = new ArrayList<>(actions);
        all.add(new SetTransaction(appId, position, Option.apply(System.currentTimeMillis())));
        Seq<DeltaOperations.MergePredicate> none = JavaConverters.asScalaBuffer(
                        List.<DeltaOperations.MergePredicate>of())
                .toSeq();
        DeltaOperations.Merge merge = new DeltaOperations.Merge(
                Option.empty(), Option.empty(), Option.empty(), Option.empty(), none, none, none);
        try {
            long version = transaction.commit(JavaConverters.asScalaBuffer(all).toSeq(), merge);
            log.committed();
            return version;
        } catch (DeltaConcurrentModificationException e) {
            throw log.conflict(log.position(appId, transaction.snapshot()), appId, e);
        }
    }

    /**
     * Makes the table, or gives it other columns where they differ.
     *
     * @param properties of a new table
     */
    public void define(StructType schema, List<String> partitionColumns, Map<String, String> properties) {
        OptimisticTransaction transaction = begin();
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
            TableFiles.of(transaction.snapshot()).forEach(file -> actions.add(file.remove()));
        }
        files.forEach(file -> actions.add(TableFile.of(file, Map.of(), Map.of()).action()));
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
    public void append(List<TableFile> files) {
        commit(begin(), files.stream().map(TableFile::action).toList());
    }

    /** Takes files out of the table, if there are any. */
    public void remove(List<TableFile> files) {
        if (!files.isEmpty()) {
            commit(begin(), files.stream().map(file -> file.action().remove()).toList());
        }
    }

    /**
     * Writes rows by Spark's writer, with the position that they are at in the same commit.
     *
     * @param properties of a new table
     */
    public void write(
            Dataset<Row> rows,
            SaveMode mode,
            List<String> partitionColumns,
            Map<String, String> properties,
            String appId,
            long position) {
        rows.write()
                .format("delta")
                .mode(mode)
                .partitionBy(partitionColumns.toArray(String[]::new))
                .options(properties)
                .option("txnAppId", appId)
                .option("txnVersion", position)
                .save(log.path());
        log.committedBySpark();
    }

    static scala.collection.immutable.Map<String, String> map(Map<String, String> entries) {
        scala.collection.immutable.Map<String, String> result = Predef.Map().empty();
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            result = result.updated(entry.getKey(), entry.getValue());
        }
        return result;
    }

    private void commit(OptimisticTransaction transaction, List<? extends Action> actions) {
        transaction.commit(
                JavaConverters.asScalaBuffer(List.<Action>copyOf(actions)).toSeq(),
                new DeltaOperations.Write(SaveMode.Append, Option.empty(), Option.empty(), Option.empty()));
        log.committed();
    }

    /**
     * Moves the table from a position to a later one without touching a row; returns the new version. Refused if another
     * writer changes a row meanwhile, which nobody would look for behind the position.
     */
    public long advance(String appId, long from, long to) {
        OptimisticTransaction transaction = begin(appId);
        log.requireAt(appId, from, transaction.snapshot());
        transaction.readWholeTable();
        return commit(transaction, List.of(), appId, to);
    }

    /** Moves the table to a position without touching a row. */
    public void advance(String appId, long position) {
        commit(begin(appId), List.of(), appId, position);
    }

    /** The same, and writes a domain of the table's metadata in that commit. */
    public void advanceWithDomain(String appId, long position, String domain, String json) {
        commit(begin(appId), List.of(new DomainMetadata(domain, json, false)), appId, position);
    }

    /** The same, and gives it a property in that commit. */
    public void advance(String appId, long position, String property, String value) {
        OptimisticTransaction transaction = begin(appId);
        if (!transaction.metadata().configuration().get(property).contains(value)) {
            describe(transaction, property, value);
        }
        commit(transaction, List.of(), appId, position);
    }
}
