package headwater.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@link SourceCheck} found at the source.
 *
 * @param systemIdentifier an unsigned 64-bit number as text
 * @param confirmed how far PostgreSQL may have dropped WAL of the slot
 * @param fullIdentity the tables under REPLICA IDENTITY FULL
 * @param indexKeys key columns of the tables whose identity is an index other than their primary key
 */
record SourceState(
        String systemIdentifier,
        int timeline,
        Lsn confirmed,
        Set<SourceTable> fullIdentity,
        Map<SourceTable, List<String>> indexKeys) {}
