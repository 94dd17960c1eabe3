package headwater.capture;

import headwater.capture.engine.ChangeDecoder;
import headwater.capture.engine.ChangeReceiver;
import headwater.capture.engine.EngineProperties;
import headwater.capture.engine.FlushPolicy;
import headwater.capture.engine.SourceEngine;
import headwater.capture.engine.SourceKeys;
import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.CommitThread;
import headwater.capture.raw.RawWriter;
import headwater.capture.source.CatalogShape;
import headwater.capture.source.SlotClaim;
import headwater.capture.source.SlotWatch;
import headwater.capture.source.SourceCheck;
import headwater.capture.source.SourceState;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Retry;
import headwater.lake.process.Shutdown;
import headwater.lake.store.LakeAccess;
import headwater.lake.watch.SourceWatch;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the source's changes into raw/changes until it is stopped. Whatever breaks on the way, it starts again from the
 * position in the lake; nothing that was only in memory is used again.
 */
public final class CaptureService {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureService.class);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(30);
    /** PostgreSQL notices that a client has gone after wal_sender_timeout, 60 s by default. */
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(75);

    private static final Duration POSITION_INTERVAL = Duration.ofMinutes(1);

    private final Pipeline pipeline;
    private final SourceCheck check;
    private final FlushPolicy policy;
    private final Retry retry;
    private CaptureState state = CaptureState.CLAIMING;

    /** @param acceptLoss whether to go on where the slot begins although raw/changes does not reach it */
    public CaptureService(Pipeline pipeline, boolean acceptLoss) {
        this(pipeline, acceptLoss, SLOT_PATIENCE, POSITION_INTERVAL, LONGEST_BACK_OFF);
    }

    /**
     * @param slotPatience how long another process may still hold the slot at the start
     * @param positionInterval between commits that only move the position
     * @param longestBackOff between attempts while the source or the store is away
     */
    CaptureService(
            Pipeline pipeline,
            boolean acceptLoss,
            Duration slotPatience,
            Duration positionInterval,
            Duration longestBackOff) {
        this.pipeline = pipeline;
        this.check = new SourceCheck(pipeline, slotPatience, acceptLoss);
        this.policy = new FlushPolicy(
                pipeline.capture().flushInterval(), pipeline.capture().flushBytes(), positionInterval);
        this.retry = new Retry(longestBackOff);
    }

    /**
     * Returns once a shutdown is requested and the commit under way has ended.
     *
     * @throws Failure OPERATOR or BUG, for what does not pass by itself
     */
    public void run(Shutdown shutdown) {
        while (!shutdown.requested()) {
            try {
                stream(shutdown);
            } catch (Failure e) {
                if (HeapShortage.isCauseOf(e)) {
                    become(CaptureState.FAILED);
                    throw HeapShortage.explain(pipeline.source(), e, shutdown);
                }
                if (e.remedy() != Remedy.RETRY) {
                    become(CaptureState.FAILED);
                    throw e;
                }
                LOG.debug("The stream ended", e);
                become(CaptureState.BACKING_OFF);
                retry.after("Capture", e, shutdown);
                become(CaptureState.CLAIMING);
            }
        }
        become(CaptureState.STOPPED);
        LOG.info("Stopped capture slot={}", pipeline.source().slot());
    }

    /** The one way from state to state. */
    private void become(CaptureState next) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("Capture cannot become " + next + " from " + state);
        }
        LOG.debug("Capture state={} before={}", next, state);
        state = next;
    }

    private void stream(Shutdown shutdown) {
        LakeAccess.require(pipeline.lake());
        try (SlotClaim claim = check.claim(shutdown)) {
            if (!shutdown.requested()) {
                stream(claim, shutdown);
            }
        }
    }

    private void stream(SlotClaim claim, Shutdown shutdown) {
        become(CaptureState.CHECKING);
        Optional<RawWriter> existing = RawWriter.open(pipeline.lake());
        SourceState source = check.run(claim, existing.map(RawWriter::offset));
        RawWriter writer = existing.orElseGet(() -> RawWriter.create(pipeline.lake(), first(source)));
        writer.follow(source.timeline(), tables());
        writer.describe(schema -> CatalogShape.of(pipeline.source(), schema));
        SourceWatch tables = new SourceWatch(pipeline);
        acceptLoss(claim, tables, source, writer);
        Lsn from = new Lsn(writer.offset().lsn());
        SourceKeys keys = new SourceKeys(source.keys(), writer.keyColumns());
        Properties properties = EngineProperties.of(pipeline, from, keys.columns());
        try (ChangeBatch batch = new ChangeBatch(from, policy.bytes());
                CommitThread commits = new CommitThread(writer)) {
            ChangeReceiver receiver = new ChangeReceiver(
                    new ChangeDecoder(pipeline.tables(), source.fullIdentity(), keys, Clock.systemUTC()),
                    batch,
                    commits,
                    policy,
                    retry::succeeded);
            become(CaptureState.STREAMING);
            LOG.info(
                    "Started capture slot={} from={} tables={}",
                    pipeline.source().slot(),
                    from,
                    pipeline.tables().size());
            SlotWatch watch = new SlotWatch(claim, tables, pipeline.capture(), Clock.systemUTC());
            new SourceEngine(properties, receiver).run(shutdown, () -> {
                commits.watch();
                watch.look();
            });
        }
    }

    /** Only where the check let a gap pass: what lies in it must be loaded. */
    private static void acceptLoss(SlotClaim claim, SourceWatch tables, SourceState source, RawWriter writer) {
        Lsn reached = new Lsn(writer.offset().lsn());
        if (source.confirmed().isAfter(reached)) {
            try {
                claim.lost(tables, "lost its changes from " + reached + " to " + source.confirmed())
                        .forEach(LOG::error);
            } catch (SQLException e) {
                throw new Failure(Remedy.RETRY, "Cannot ask PostgreSQL what is lost: " + Failure.reason(e), e);
            }
            writer.skipTo(source.confirmed());
        }
    }

    /** The first position: where the slot begins. */
    private CaptureOffset first(SourceState source) {
        return new CaptureOffset(
                1,
                pipeline.source().slot(),
                source.systemIdentifier(),
                source.timeline(),
                source.confirmed().value(),
                source.confirmed().value(),
                Instant.now().toString(),
                tables(),
                0L);
    }

    private List<String> tables() {
        return pipeline.tables().stream()
                .map(table -> table.source().toString())
                .distinct()
                .toList();
    }
}
