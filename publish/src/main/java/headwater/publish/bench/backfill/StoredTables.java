package headwater.publish.bench.backfill;

import headwater.publish.delta.DeltaTable;
import io.delta.kernel.Snapshot;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;

/**
 * What the logs of some Delta tables say that they hold.
 *
 * @param bytes of their data files
 */
record StoredTables(long rows, long bytes) {

    /** @param paths of tables; one that does not exist holds nothing */
    static StoredTables of(Configuration configuration, List<String> paths) {
        Engine engine = DefaultEngine.create(configuration);
        long rows = 0;
        long bytes = 0;
        for (String path : paths) {
            DeltaTable table = new DeltaTable(engine, path);
            for (Snapshot newest : table.newest().stream().toList()) {
                DeltaTable.Contents contents = table.contents(newest);
                rows += Objects.requireNonNull(contents.rows(), path);
                bytes += contents.bytes();
            }
        }
        return new StoredTables(rows, bytes);
    }
}
