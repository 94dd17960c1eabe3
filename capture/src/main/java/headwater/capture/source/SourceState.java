package headwater.capture.source;

import headwater.capture.engine.SourceKeys;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import java.util.Map;
import java.util.Set;

/**
 * What {@link SourceCheck} found at the source.
 *
 * @param systemIdentifier an unsigned 64-bit number as text
 * @param confirmed how far PostgreSQL may have dropped WAL of the slot
 * @param fullIdentity the tables under REPLICA IDENTITY FULL
 * @param keys keys and columns of the captured tables
 */
public record SourceState(
        String systemIdentifier,
        int timeline,
        Lsn confirmed,
        Set<SourceTable> fullIdentity,
        Map<SourceTable, SourceKeys.Now> keys) {}
