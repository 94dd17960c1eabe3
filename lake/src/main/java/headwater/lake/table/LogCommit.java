package headwater.lake.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DomainMetadata;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.actions.SetTransaction;
import scala.collection.JavaConverters;

/**
 * What one version of a table did, as far as positions and files are concerned.
 *
 * @param transactions app id to version of its SetTransactions
 * @param domains domain to JSON of its domain metadata
 */
public record LogCommit(
        long version,
        Map<String, Long> transactions,
        Map<String, String> domains,
        List<AddFile> adds,
        List<RemoveFile> removes) {

    /** The files that it added. */
    public List<TableFile> files() {
        return adds.stream().map(TableFile::new).toList();
    }

    /** Whether a row came, went or became another; what packs files or hides no row does not. */
    boolean changesRows() {
        return adds.stream().anyMatch(AddFile::dataChange) || removes.stream().anyMatch(RemoveFile::dataChange);
    }

    /** Brings the files of the version before, by their paths, to this version. */
    void applyTo(Map<String, AddFile> files) {
        // a file that got a deletion vector is removed and added under the same path
        removes.forEach(remove -> files.remove(remove.path()));
        adds.forEach(add -> files.put(add.path(), add));
    }

    static LogCommit of(long version, scala.collection.Seq<String> lines) {
        Map<String, Long> transactions = new HashMap<>();
        Map<String, String> domains = new HashMap<>();
        List<AddFile> adds = new ArrayList<>();
        List<RemoveFile> removes = new ArrayList<>();
        for (String line : JavaConverters.seqAsJavaList(lines)) {
            Action action = Action.fromJson(line);
            if (action instanceof AddFile add) {
                adds.add(add);
            } else if (action instanceof SetTransaction transaction) {
                transactions.put(transaction.appId(), transaction.version());
            } else if (action instanceof DomainMetadata domain) {
                domains.put(domain.domain(), domain.configuration());
            } else if (action instanceof RemoveFile remove) {
                removes.add(remove);
            }
        }
        return new LogCommit(version, transactions, domains, adds, removes);
    }
}
