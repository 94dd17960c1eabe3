package headwater.lake.table;

import headwater.lake.parquet.DataFile;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.delta.actions.AddFile;
import scala.Option;

/** A data file of a table, with what the log says of it. */
public final class TableFile {
    private final AddFile action;

    TableFile(AddFile action) {
        this.action = action;
    }

    /**
     * A file that is to be part of a table.
     *
     * @param partition values of the partition columns
     * @param tags what is to be remembered of the file
     */
    public static TableFile of(DataFile file, Map<String, String> partition, Map<String, String> tags) {
        boolean dataChange = true;
        return new TableFile(new AddFile(
                file.path(),
                TableCommits.map(partition),
                file.size(),
                System.currentTimeMillis(),
                dataChange,
                file.statistics(),
                TableCommits.map(tags),
                null,
                Option.empty(),
                Option.empty(),
                Option.empty()));
    }

    AddFile action() {
        return action;
    }

    /** Within the folder of the table. */
    public String path() {
        return action.path();
    }

    /** Its rows that are not deleted; every file of ours says how many. */
    public long rows() {
        return (Long) action.numLogicalRecords().get();
    }

    /** The file without what the table adds. */
    public DataFile data() {
        return new DataFile(action.path(), action.size(), action.stats());
    }

    /** The value of a partition column, in the text of the log. */
    public Optional<String> partition(String column) {
        return optional(action.partitionValues().get(column));
    }

    /** What is remembered of it under a name. */
    public Optional<String> tag(String name) {
        return optional(action.tagsOrEmpty().get(name));
    }

    private static Optional<String> optional(Option<String> value) {
        return value.isDefined() ? Optional.ofNullable(value.get()) : Optional.empty();
    }
}
