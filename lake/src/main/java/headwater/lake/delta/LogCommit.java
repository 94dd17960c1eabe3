package headwater.lake.delta;

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
 * @param removes whether it took files away, as a compaction does
 */
public record LogCommit(
        long version,
        Map<String, Long> transactions,
        Map<String, String> domains,
        List<AddFile> adds,
        boolean removes) {

    static LogCommit of(long version, scala.collection.Seq<String> lines) {
        Map<String, Long> transactions = new HashMap<>();
        Map<String, String> domains = new HashMap<>();
        List<AddFile> adds = new ArrayList<>();
        boolean removes = false;
        for (String line : JavaConverters.seqAsJavaList(lines)) {
            Action action = Action.fromJson(line);
            if (action instanceof AddFile add) {
                adds.add(add);
            } else if (action instanceof SetTransaction transaction) {
                transactions.put(transaction.appId(), transaction.version());
            } else if (action instanceof DomainMetadata domain) {
                domains.put(domain.domain(), domain.configuration());
            } else if (action instanceof RemoveFile) {
                removes = true;
            }
        }
        return new LogCommit(version, transactions, domains, adds, removes);
    }
}
