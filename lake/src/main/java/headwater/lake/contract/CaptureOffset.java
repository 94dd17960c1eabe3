package headwater.lake.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far raw/changes reaches: the JSON of the domain metadata {@value #DOMAIN}, replaced in every commit of
 * raw/changes together with the SetTransaction {@link CommitId#capture}.
 *
 * @param epoch the source epoch, from 1
 * @param slot the replication slot that feeds the table
 * @param systemIdentifier of the source cluster ({@code pg_control_system()}), as text: it is an unsigned 64-bit number
 * @param timeline of the source cluster
 * @param startLsn where the first change could stand: nothing before it is in the table
 * @param lsn END LSN of the last transaction in the table, or of the last one known to hold nothing for it
 * @param committedAt the source's commit time at {@code lsn}, ISO-8601 instant
 * @param tables the source tables, as {@code schema.table}, whose changes after {@code lsn} come into the table; those
 *     of others are passed over
 * @param rows in the table; null in a table whose first commits did not say it
 */
public record CaptureOffset(
        int epoch,
        String slot,
        String systemIdentifier,
        int timeline,
        long startLsn,
        long lsn,
        String committedAt,
        List<String> tables,
        @Nullable Long rows) {

    public CaptureOffset {
        // older commits do not say it
        tables = tables == null ? List.of() : List.copyOf(tables);
    }

    public static final String DOMAIN = "headwater.capture";
}
