package headwater.publish.status;

import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Sql;
import headwater.lake.store.LakeAccess;
import headwater.lake.watch.DueLoad;
import headwater.lake.watch.SourceWatch;
import headwater.publish.check.DueLoads;
import headwater.publish.delta.DeltaTable;
import headwater.publish.delta.RawPosition;
import headwater.publish.delta.RawTail;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.TargetStatements;
import io.delta.kernel.Snapshot;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads all hops once, in the order of a change's way: each hop's lag is measured against the ones before it. */
final class StatusReader {
    private static final String NOT_THERE = "not there yet";

    private final Pipeline pipeline;
    private final boolean counted;
    private final Instant takenAt = Instant.now();
    /** The source's clock where it can be asked: commit times are its own. */
    private Instant now = takenAt;

    private final List<HopStatus> hops = new ArrayList<>();
    private final List<String> silent = new ArrayList<>();
    private @Nullable SourceEnd source;
    private @Nullable RawTail raw;
    private @Nullable Duration rawLag;
    private int epoch = 1;

    /** @param counted whether MySQL counts the rows of the published tables, which reads an index of each whole */
    StatusReader(Pipeline pipeline, boolean counted) {
        this.pipeline = pipeline;
        this.counted = counted;
    }

    PipelineStatus read() {
        readSource();
        readLake();
        readTarget();
        return new PipelineStatus(pipeline.name(), takenAt, List.copyOf(silent), List.copyOf(hops));
    }

    private void readSource() {
        String database = pipeline.source().database();
        try {
            SourceEnd end = SourceEnd.read(pipeline.source());
            source = end;
            now = end.now();
            hops.add(new HopStatus("source", database, null, end.end(), 0L, Duration.ZERO, end.details(), null));
        } catch (SQLException | Failure e) {
            silent.add("PostgreSQL");
            hops.add(HopStatus.unreadable("source", database, firstLine(e)));
        }
    }

    private void readLake() {
        Engine engine = DefaultEngine.create(LakeAccess.impatient(pipeline.lake()));
        String hop = "raw";
        try {
            LakeAccess.require(pipeline.lake());
            readRaw(new DeltaTable(engine, pipeline.layout().rawChanges()));
            hop = "cleansed";
            Map<SourceTable, DueLoad> due = SourceWatch.due(pipeline.lake());
            for (TableSpec spec : pipeline.tables()) {
                readTable(
                        hop,
                        spec.name(),
                        new DeltaTable(engine, pipeline.layout().cleansed(spec.name())),
                        CommitId.cleanse(spec.name(), epoch),
                        rejected(new DeltaTable(engine, pipeline.layout().rejected(spec.name()))),
                        snapshot -> due(spec, due.get(spec.source()), engine, snapshot));
            }
            hop = "curated";
            for (CuratedSpec spec : pipeline.published()) {
                readTable(
                        hop,
                        spec.name(),
                        new DeltaTable(engine, pipeline.layout().curated(spec.name())),
                        CommitId.curate(spec.name(), epoch),
                        Map.of(),
                        snapshot -> Optional.empty());
            }
        } catch (RuntimeException e) {
            silent.add("the lake");
            hops.add(HopStatus.unreadable(hop, pipeline.lake().root(), firstLine(e)));
        }
    }

    private void readRaw(DeltaTable table) {
        Optional<Snapshot> newest = table.newest();
        Optional<CaptureOffset> offset = newest.flatMap(RawPosition::offset);
        if (offset.isEmpty()) {
            hops.add(HopStatus.unreadable("raw", "changes", NOT_THERE));
            return;
        }
        epoch = offset.get().epoch();
        raw = RawTail.of(table, newest.get(), offset.get());
        Lsn lsn = new Lsn(offset.get().lsn());
        rawLag = source == null
                ? null
                : source.lagAt(lsn, Instant.parse(offset.get().committedAt()));
        // the table's files say it as well, and there are too many of them to be looked at
        Long rows = offset.get().rows();
        hops.add(new HopStatus("raw", "changes", rows, lsn, lagBytes(lsn), rawLag, Map.of(), null));
    }

    private Optional<String> due(TableSpec spec, @Nullable DueLoad load, Engine engine, Snapshot cleansed) {
        return load != null && DueLoads.isUnmet(spec, load, engine, cleansed, epoch)
                ? Optional.of(new SourceWatch(pipeline).sentence(spec.source(), load))
                : Optional.empty();
    }

    /** What stands beside a cleansed table, whose rows count what was deleted or rejected since its first load. */
    private static Map<String, String> rejected(DeltaTable table) {
        Long rows = table.newest().map(newest -> table.contents(newest).rows()).orElse(null);
        return rows == null
                ? Map.of()
                : Map.of("rejected", String.format(Locale.ROOT, "%,d, rows with tombstones", rows));
    }

    private void readTable(
            String hop,
            String name,
            DeltaTable table,
            String commitId,
            Map<String, String> further,
            Function<Snapshot, Optional<String>> due) {
        Optional<Snapshot> newest = table.newest();
        Optional<Lsn> lsn = newest.flatMap(snapshot -> snapshot.getLatestTransactionVersion(table.engine(), commitId))
                .map(Lsn::new);
        if (lsn.isEmpty()) {
            hops.add(HopStatus.unreadable(hop, name, NOT_THERE));
            return;
        }
        Map<String, String> details = new LinkedHashMap<>();
        details.put("version", String.valueOf(newest.get().getVersion()));
        details.putAll(further);
        Optional<String> stale = due.apply(newest.get());
        // rows that are not the source's are never fresh, wherever the stream is
        Duration lag = stale.isPresent() ? null : lag(lsn.get());
        hops.add(new HopStatus(
                hop,
                name,
                table.contents(newest.get()).rows(),
                lsn.get(),
                lagBytes(lsn.get()),
                lag,
                details,
                stale.orElse(null)));
    }

    private void readTarget() {
        try (Connection connection = pipeline.target().openBounded()) {
            Optional<Ledger.PublicationState> ledger = new Ledger(connection, pipeline.name()).publication();
            Lsn lsn = ledger.map(Ledger.PublicationState::lsn).orElse(null);
            Map<String, String> details = new LinkedHashMap<>();
            ledger.ifPresent(found -> {
                details.put("state", found.complete() ? "complete" : "in progress to " + found.targetLsn());
                details.put("committed", String.valueOf(found.committedAt()));
            });
            String problem = ledger.isPresent() ? null : "nothing published yet";
            hops.add(new HopStatus(
                    "mysql", pipeline.target().database(), null, lsn, lagBytes(lsn), lag(lsn), details, problem));
            for (CuratedSpec spec : pipeline.published()) {
                hops.add(published(connection, spec.name(), lsn));
            }
        } catch (SQLException | Failure e) {
            silent.add("MySQL");
            hops.add(HopStatus.unreadable("mysql", pipeline.target().database(), firstLine(e)));
        }
    }

    private HopStatus published(Connection connection, String table, @Nullable Lsn lsn) {
        String from = " FROM " + TargetStatements.quote(table);
        try {
            Long rows = new Sql(connection)
                    .first(counted ? "SELECT count(*)" + from : "SELECT 0" + from + " LIMIT 0", row -> row.getLong(1))
                    .orElse(null);
            return new HopStatus("mysql", table, rows, lsn, lagBytes(lsn), lag(lsn), Map.of(), null);
        } catch (SQLException e) {
            return HopStatus.unreadable("mysql", table, firstLine(e));
        }
    }

    private @Nullable Long lagBytes(@Nullable Lsn lsn) {
        return source == null || lsn == null ? null : Math.max(0, source.end().value() - lsn.value());
    }

    /** A change that is in raw and not here is older than one that is not even in raw. */
    private @Nullable Duration lag(@Nullable Lsn lsn) {
        if (lsn == null) {
            return null;
        }
        Instant oldest = raw == null ? null : raw.oldestAfter(lsn);
        return oldest == null ? rawLag : age(oldest);
    }

    private Duration age(Instant committedAt) {
        Duration age = Duration.between(committedAt, now);
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static String firstLine(Exception e) {
        String message = e instanceof Failure failure ? failure.getMessage() : Failure.reason(e);
        return message.lines().findFirst().orElse("unknown");
    }
}
