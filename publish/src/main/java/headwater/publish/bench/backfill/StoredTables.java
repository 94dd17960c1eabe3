package headwater.publish.bench.backfill;

import headwater.publish.DeltaTable;
import io.delta.kernel.Snapshot;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.actions.AddFile;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;

/**
 * What the logs of some Delta tables say that they hold.
 *
 * @param bytes of their data files
 */
record StoredTables(long rows, long bytes) {

    /** @param paths of tables without deletion vectors; one that does not exist holds nothing */
    static StoredTables of(Configuration configuration, List<String> paths) {
        Engine engine = DefaultEngine.create(configuration);
        AtomicLong rows = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        for (String path : paths) {
            DeltaTable table = new DeltaTable(engine, path);
            for (Snapshot newest : table.newest().stream().toList()) {
                table.files(newest, row -> {
                    AddFile file = new AddFile(row.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
                    rows.addAndGet(file.getNumRecords().orElseThrow());
                    bytes.addAndGet(file.getSize());
                });
            }
        }
        return new StoredTables(rows.get(), bytes.get());
    }
}
