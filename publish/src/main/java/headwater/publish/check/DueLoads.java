package headwater.publish.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Pipeline pipeline;

    public DueLoads(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    public void look(Findings findings) {
        try {
            Engine engine = DefaultEngine.create(LakeAccess.impatient(pipeline.lake()));
            Map<SourceTable, DueLoad> due = SourceWatch.due(pipeline.lake());
            if (due.isEmpty()) {
                return;
            }
            SourceWatch watch = new SourceWatch(pipeline);
            int epoch = epoch(engine);
            for (TableSpec table : pipeline.tables()) {
                DueLoad load = due.get(table.source());
                String path = pipeline.layout().cleansed(table.name());
                if (load != null && unmet(table, load, engine, Table.forPath(engine, path), epoch)) {
                    findings.fault(watch.sentence(table.source(), load));
                }
            }
        } catch (Failure | KernelException e) {
            // the look at the lake itself says why it cannot be read
            findings.warning("Cannot see whether loads are due: " + Failure.reason(e));
        }
    }

    /** That of raw/changes: loads of an epoch before say nothing about positions of this one. */
    private int epoch(Engine engine) {
        try {
            Optional<String> offset = Table.forPath(engine, pipeline.layout().rawChanges())
                    .getLatestSnapshot(engine)
                    .getDomainMetadata(CaptureOffset.DOMAIN);
            return offset.isEmpty()
                    ? 1
                    : JSON.readValue(offset.get(), CaptureOffset.class).epoch();
        } catch (TableNotFoundException e) {
            return 1;
        } catch (JsonProcessingException e) {
            throw new Failure(Remedy.BUG, "Cannot read the offset of raw/changes: " + e.getOriginalMessage(), e);
        }
    }

    private boolean unmet(TableSpec spec, DueLoad due, Engine engine, Table table, int epoch) {
        try {
            return isUnmet(spec, due, engine, table.getLatestSnapshot(engine), epoch);
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
