package headwater.publish.delta;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.store.LakeAccess;
import io.delta.kernel.Snapshot;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.internal.DeltaLogActionUtils.DeltaAction;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The last merge passes, as the logs of the cleansed and curated tables tell them: all tables of a pass commit the same LSN.
 * Reads only what is new since it was asked before.
 */
public final class PassHistory {
    private static final int KEPT = 12;

    /**
     * One merge pass.
     *
     * @param lsn that all its tables reached
     * @param endedAt when the last table committed
     * @param span from the first table's commit to the last one's; the work before the first is not in any log
     * @param tables that wrote rows
     * @param bytes of the data files written
     */
    public record Pass(Lsn lsn, Instant endedAt, Duration span, int tables, long bytes) {}

    /** One table's commit. */
    private static final class Commit {
        private long lsn = -1;
        private long bytes;
        private Instant at = Instant.EPOCH;
    }

    private final Pipeline pipeline;
    private final Engine engine;
    private final Map<String, Long> readUpTo = new HashMap<>();
    private final TreeMap<Long, Pass> passes = new TreeMap<>();

    public PassHistory(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.engine = DefaultEngine.create(LakeAccess.impatient(pipeline.lake()));
    }

    /** The newest first; not for use by two threads at once. */
    public List<Pass> newest() {
        int epoch = new RawPosition(engine, pipeline.layout()).epoch();
        for (TableSpec table : pipeline.tables()) {
            readOn(pipeline.layout().cleansed(table.name()), CommitId.cleanse(table.name(), epoch));
        }
        for (CuratedSpec table : pipeline.published()) {
            readOn(pipeline.layout().curated(table.name()), CommitId.curate(table.name(), epoch));
        }
        while (passes.size() > KEPT) {
            passes.pollFirstEntry();
        }
        return List.copyOf(passes.descendingMap().values());
    }

    private void readOn(String path, String appId) {
        DeltaTable table = new DeltaTable(engine, path);
        Optional<Snapshot> newest = table.newest();
        if (newest.isEmpty()) {
            return;
        }
        long to = newest.get().getVersion();
        long from = readUpTo.getOrDefault(path, Math.max(-1, to - KEPT)) + 1;
        if (from > to) {
            return;
        }
        Map<Long, Commit> commits = new TreeMap<>();
        try {
            table.actions(
                    from,
                    to,
                    Set.of(DeltaAction.ADD, DeltaAction.TXN, DeltaAction.COMMITINFO),
                    (version, kind, action) ->
                            note(commits.computeIfAbsent(version, unused -> new Commit()), kind, action, appId));
        } catch (KernelException e) {
            // cleaned up meanwhile; what is newer is read the next time
            commits.clear();
        }
        readUpTo.put(path, to);
        commits.values().stream().filter(commit -> commit.lsn >= 0).forEach(this::add);
    }

    private static void note(Commit commit, DeltaAction kind, Row action, String appId) {
        if (kind == DeltaAction.ADD) {
            commit.bytes += action.getLong(action.getSchema().indexOf("size"));
        } else if (kind == DeltaAction.COMMITINFO) {
            commit.at = Instant.ofEpochMilli(action.getLong(action.getSchema().indexOf("timestamp")));
        } else if (action.getString(action.getSchema().indexOf("appId")).equals(appId)) {
            commit.lsn = action.getLong(action.getSchema().indexOf("version"));
        }
    }

    private void add(Commit commit) {
        Pass one = new Pass(new Lsn(commit.lsn), commit.at, Duration.ZERO, commit.bytes > 0 ? 1 : 0, commit.bytes);
        passes.merge(commit.lsn, one, PassHistory::together);
    }

    private static Pass together(Pass pass, Pass other) {
        Instant began =
                earlier(pass.endedAt().minus(pass.span()), other.endedAt().minus(other.span()));
        Instant ended = pass.endedAt().isAfter(other.endedAt()) ? pass.endedAt() : other.endedAt();
        return new Pass(
                pass.lsn(),
                ended,
                Duration.between(began, ended),
                pass.tables() + other.tables(),
                pass.bytes() + other.bytes());
    }

    private static Instant earlier(Instant left, Instant right) {
        return left.isBefore(right) ? left : right;
    }
}
