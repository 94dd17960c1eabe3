package headwater.publish;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeConfiguration;
import headwater.publish.delta.CuratedSnapshot;
import headwater.publish.delta.FeedGoneException;
import headwater.publish.delta.LakeFault;
import headwater.publish.delta.RawPosition;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.TargetFault;
import headwater.publish.mart.TargetSession;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries changed rows of the curated tables to MySQL. All that it knows between two publications is in the ledger. */
final class Publisher {
    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    private final Pipeline pipeline;
    private final Shutdown shutdown;
    private final Engine engine;

    Publisher(Pipeline pipeline, Shutdown shutdown) {
        if (pipeline.published().isEmpty()) {
            throw new Failure(
                    Remedy.USAGE,
                    "Pipeline " + pipeline.name()
                            + " publishes no table. Give a curated table the setting publish: true.");
        }
        this.pipeline = pipeline;
        this.shutdown = shutdown;
        this.engine = DefaultEngine.create(LakeConfiguration.of(pipeline.lake()));
    }

    /** One publication, if there is anything new. */
    PublishOutcome publish() {
        Set<String> whole = new HashSet<>();
        while (true) {
            try {
                return publish(whole);
            } catch (FeedGoneException e) {
                LOG.warn(
                        "A file of the changes of {} is gone, publishing the whole table; keep curated files longer than a publisher rests. reason={}",
                        e.table(),
                        Failure.reason(e));
                whole.add(e.table());
            } catch (RuntimeException e) {
                throw LakeFault.of("publish", pipeline.lake().root(), e);
            }
        }
    }

    private PublishOutcome publish(Set<String> whole) {
        // before the tables are opened: what another publisher does until it gives the lock back is in them then
        try (TargetSession session = TargetSession.open(pipeline)) {
            int epoch = new RawPosition(engine, pipeline.layout()).epoch();
            List<CuratedSnapshot> tables = new ArrayList<>();
            List<String> missing = new ArrayList<>();
            for (CuratedSpec spec : pipeline.published()) {
                CuratedSnapshot.open(engine, pipeline.layout(), spec, epoch)
                        .ifPresentOrElse(tables::add, () -> missing.add(spec.name()));
            }
            return missing.isEmpty() ? publish(tables, epoch, session, whole) : PublishOutcome.notBuilt(missing);
        } catch (SQLException e) {
            throw TargetFault.of("publish to " + pipeline.target().url(), e);
        }
    }

    private PublishOutcome publish(List<CuratedSnapshot> tables, int epoch, TargetSession session, Set<String> whole)
            throws SQLException {
        Ledger ledger = new Ledger(session.connection(), pipeline.name());
        Optional<Ledger.PublicationState> before = ledger.publication();
        Optional<PublicationPlan> plan = PublicationPlan.of(tables, epoch, before, ledger.tables(), whole);
        // the reads above must not hold a snapshot open while the lake is read
        session.connection().commit();
        Lsn published = before.map(Ledger.PublicationState::lsn).orElse(null);
        if (plan.isEmpty()) {
            return PublishOutcome.nothingNew(published);
        }
        return new Publication(
                        plan.get(), engine, session, ledger, pipeline.target().maxTransactionRows(), shutdown)
                .run()
                .map(rows -> PublishOutcome.published(plan.get().lsn(), rows))
                .orElseGet(() -> PublishOutcome.stopped(published));
    }
}
