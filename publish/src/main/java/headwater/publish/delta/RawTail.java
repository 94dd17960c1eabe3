package headwater.publish.delta;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import io.delta.kernel.Snapshot;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.internal.DeltaLogActionUtils.DeltaAction;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The last commits of raw/changes, from which an LSN becomes a time: each carries the source's commit time at its LSN.
 */
public final class RawTail {
    /** Commits read at once; a status that is further behind says "at least". */
    private static final int STEP = 200;

    private static final int MOST = 2_000;

    private final DeltaTable table;
    private final CaptureOffset offset;
    /** LSN of a commit with rows to the source's commit time there, in LSN order. */
    private final TreeMap<Lsn, Instant> commitsWithRows = new TreeMap<>();

    private long oldestRead;

    private RawTail(DeltaTable table, CaptureOffset offset, long newestVersion) {
        this.table = table;
        this.offset = offset;
        this.oldestRead = newestVersion + 1;
    }

    public static RawTail of(DeltaTable table, Snapshot newest, CaptureOffset offset) {
        return new RawTail(table, offset, newest.getVersion());
    }

    /** When the oldest change that is in raw but later than the LSN was committed; null if there is none. */
    @Nullable
    public Instant oldestAfter(Lsn lsn) {
        if (!new Lsn(offset.lsn()).isAfter(lsn)) {
            return null;
        }
        long newest = oldestRead;
        while (oldestRead > 0 && newest - oldestRead < MOST && !reachesBackTo(lsn)) {
            if (!readStep()) {
                break;
            }
        }
        var oldest = commitsWithRows.higherEntry(lsn);
        return oldest == null ? null : oldest.getValue();
    }

    private boolean reachesBackTo(Lsn lsn) {
        return !commitsWithRows.isEmpty() && !commitsWithRows.firstKey().isAfter(lsn);
    }

    /** False if the log no longer holds the commits before. */
    private boolean readStep() {
        long from = Math.max(0, oldestRead - STEP);
        TreeMap<Long, CaptureOffset> offsets = new TreeMap<>();
        Set<Long> withRows = new HashSet<>();
        try {
            table.actions(
                    from,
                    oldestRead - 1,
                    Set.of(DeltaAction.ADD, DeltaAction.DOMAINMETADATA),
                    (version, kind, action) -> {
                        if (kind == DeltaAction.ADD) {
                            withRows.add(version);
                        } else if (action.getString(action.getSchema().indexOf("domain"))
                                .equals(CaptureOffset.DOMAIN)) {
                            String json = action.getString(action.getSchema().indexOf("configuration"));
                            offsets.put(version, RawPosition.parse(json));
                        }
                    });
        } catch (KernelException e) {
            return false;
        }
        oldestRead = from;
        offsets.forEach((version, at) -> {
            if (at.epoch() != offset.epoch()) {
                // positions of another cluster: what comes before this version says nothing
                oldestRead = 0;
            } else if (withRows.contains(version)) {
                commitsWithRows.put(new Lsn(at.lsn()), Instant.parse(at.committedAt()));
            }
        });
        return true;
    }
}
