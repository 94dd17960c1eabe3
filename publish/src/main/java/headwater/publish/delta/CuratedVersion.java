package headwater.publish.delta;

import headwater.lake.contract.Lsn;

/**
 * One version of a curated table.
 *
 * @param tableId the id in the table's metadata, another one once the table was made anew
 * @param version the Delta version
 * @param lsn everything that was committed in the source up to here is in it, and nothing later
 */
public record CuratedVersion(String tableId, long version, Lsn lsn) {}
