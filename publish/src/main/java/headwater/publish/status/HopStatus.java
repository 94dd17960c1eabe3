package headwater.publish.status;

import headwater.lake.contract.Lsn;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where one table is at one hop.
 *
 * @param hop {@code source}, {@code raw}, {@code cleansed}, {@code curated} or {@code mysql}
 * @param table the table; of the source its database, of MySQL the ledger first
 * @param rows rows at this LSN, those of cleansed tables with tombstones; null if not known
 * @param lsn everything that the source committed up to here is there; null if not known
 * @param lagBytes of WAL between that and the source's end; null if not known
 * @param lag how long the oldest change that is not here yet has been committed, zero if there is none; null if not known
 * @param details further facts in order, such as the slot's wal_status
 * @param problem why nothing could be read, or why the rows are not to be trusted, in one line; null if all is well
 */
public record HopStatus(
        String hop,
        String table,
        @Nullable Long rows,
        @Nullable Lsn lsn,
        @Nullable Long lagBytes,
        @Nullable Duration lag,
        Map<String, String> details,
        @Nullable String problem) {

    static HopStatus unreadable(String hop, String table, String problem) {
        return new HopStatus(hop, table, null, null, null, null, Map.of(), problem);
    }

    /** Whether the hop could be read and its rows are the source's. */
    public boolean readable() {
        return problem == null;
    }
}
