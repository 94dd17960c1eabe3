package headwater.publish.check;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.store.LakeAccess;
import headwater.lake.watch.DueLoad;
import headwater.lake.watch.SourceWatch;
import io.delta.kernel.Snapshot;
import io.delta.kernel.Table;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.exceptions.TableNotFoundException;
import java.util.Map;
import java.util.Optional;

/** Loads that are due because PostgreSQL changed tables without an event, as far as no load has met them yet. */
public final class DueLoads implements PipelineCheck.Area {
    /** The only one so far: nothing makes another. */
    private static final int FIRST_EPOCH = 1;

    private final Pipeline pipeline;

    public DueLoads(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    public void look(Findings findings) {
        try {
            Engine engine = DefaultEngine.create(LakeAccess.impatient(pipeline.lake()));
            Map<SourceTable, DueLoad> due = SourceWatch.due(pipeline.lake());
            SourceWatch watch = new SourceWatch(pipeline);
            for (TableSpec table : pipeline.tables()) {
                DueLoad load = due.get(table.source());
                String path = pipeline.layout().cleansed(table.name());
                if (load != null && unmet(table, load, engine, Table.forPath(engine, path))) {
                    findings.fault(watch.sentence(table.source(), load));
                }
            }
        } catch (Failure | KernelException e) {
            // the look at the lake itself says why it cannot be read
            findings.warning("Cannot see whether loads are due: " + Failure.reason(e));
        }
    }

    private boolean unmet(TableSpec spec, DueLoad due, Engine engine, Table table) {
        try {
            return isUnmet(spec, due, engine, table.getLatestSnapshot(engine), FIRST_EPOCH);
        } catch (TableNotFoundException e) {
            // not loaded at all yet, which is said elsewhere
            return false;
        }
    }

    /**
     * Whether a cleansed table does not hold the load that is due.
     *
     * @param cleansed the table's newest snapshot
     */
    public static boolean isUnmet(TableSpec spec, DueLoad due, Engine engine, Snapshot cleansed, int epoch) {
        Optional<Long> loaded = cleansed.getLatestTransactionVersion(engine, CommitId.load(spec.source(), epoch));
        return !due.isMetBy(loaded.orElse(-1L));
    }
}
