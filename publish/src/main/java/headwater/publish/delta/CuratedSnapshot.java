package headwater.publish.delta;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.Snapshot;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.internal.DeltaLogActionUtils.DeltaAction;
import io.delta.kernel.types.StructType;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** A curated table of one source epoch, as it stood when it was opened. */
public final class CuratedSnapshot {
    private final CuratedSpec spec;
    private final DeltaTable table;
    private final Snapshot newest;
    private final String commitId;
    private final Lsn newestLsn;

    private CuratedSnapshot(CuratedSpec spec, DeltaTable table, Snapshot newest, String commitId, Lsn newestLsn) {
        this.spec = spec;
        this.table = table;
        this.newest = newest;
        this.commitId = commitId;
        this.newestLsn = newestLsn;
    }

    /** The table, or empty if nothing of this epoch was committed to it yet. */
    public static Optional<CuratedSnapshot> open(Engine engine, LakeLayout layout, CuratedSpec spec, int epoch) {
        DeltaTable table = new DeltaTable(engine, layout.curated(spec.name()));
        String commitId = CommitId.curate(spec.name(), epoch);
        return table.newest()
                .flatMap(newest -> newest.getLatestTransactionVersion(engine, commitId)
                        .map(lsn -> new CuratedSnapshot(spec, table, newest, commitId, new Lsn(lsn))));
    }

    public CuratedSpec spec() {
        return spec;
    }

    public DeltaTable table() {
        return table;
    }

    public StructType schema() {
        return newest.getSchema();
    }

    public Lsn newestLsn() {
        return newestLsn;
    }

    /**
     * Whether it has gone on from a version by changes: while another table stands still, what MySQL has of this one is
     * found without a look at all the commits since.
     */
    public boolean isBeyond(CuratedVersion version) {
        return newest.getMetadata().getId().equals(version.tableId()) && newestLsn.isAfter(version.lsn());
    }

    /** The newest version that holds nothing later than the bound. */
    public CuratedVersion upTo(Lsn bound) {
        String id = newest.getMetadata().getId();
        if (!newestLsn.isAfter(bound)) {
            return new CuratedVersion(id, newest.getVersion(), newestLsn);
        }
        // few steps: the table is ahead of another one by the pass that runs now
        long candidate = newest.getVersion();
        for (long version = newest.getVersion(); version >= 0; version--) {
            Optional<Lsn> lsn = lsnCommittedAt(version);
            if (lsn.isPresent() && !lsn.get().isAfter(bound)) {
                return new CuratedVersion(id, candidate, lsn.get());
            }
            if (lsn.isPresent()) {
                candidate = version - 1;
            }
        }
        throw new Failure(
                Remedy.RETRY,
                "Cannot publish " + spec.name() + " at " + bound
                        + ": its oldest version is later, its newest stands at " + newestLsn
                        + ". The other published tables reach it with the next merge pass.");
    }

    private Optional<Lsn> lsnCommittedAt(long version) {
        AtomicReference<Lsn> lsn = new AtomicReference<>();
        try {
            table.actions(version, version, Set.of(DeltaAction.TXN), (at, kind, transaction) -> {
                if (text(transaction, "appId").equals(commitId)) {
                    lsn.set(new Lsn(transaction.getLong(transaction.getSchema().indexOf("version"))));
                }
            });
        } catch (KernelException e) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot publish " + spec.name() + ": the log of " + table.path() + " no longer holds version "
                            + version + ". The published tables stand at one position again after the next merge pass.",
                    e);
        }
        return Optional.ofNullable(lsn.get());
    }

    private static String text(Row row, String field) {
        return row.getString(row.getSchema().indexOf(field));
    }
}
