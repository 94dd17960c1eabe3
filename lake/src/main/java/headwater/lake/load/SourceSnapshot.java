package headwater.lake.load;

import java.io.Serializable;

/**
 * A snapshot of the source that is exported while its {@link SnapshotExporter} lives.
 *
 * @param name what readers give to SET TRANSACTION SNAPSHOT
 * @param lsn the consistent point: the snapshot holds exactly the transactions that committed at or before it
 */
record SourceSnapshot(String name, long lsn) implements Serializable {}
