package headwater.capture.raw;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.capture.raw.ChangeBatch.FirstUse;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.CommitId;
import headwater.lake.contract.LakeLayout;
import headwater.lake.contract.Lsn;
import headwater.lake.contract.SourceTable;
import headwater.lake.contract.TableContract;
import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.store.LakeConfiguration;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.internal.data.DefaultColumnarBatch;
import io.delta.kernel.defaults.internal.data.vector.DefaultGenericVector;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.CommitStateUnknownException;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.KernelEngineException;
import io.delta.kernel.exceptions.MaxCommitRetryLimitReachedException;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of raw/changes and raw/schemas. Rows and the position that they reach become visible in one Delta
 * commit, so a restart continues from {@link #offset()} and neither loses nor repeats a change.
 */
public final class RawWriter {
    private static final Logger LOG = LoggerFactory.getLogger(RawWriter.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Texts of rows are in no filter, and their extremes would make up most of the log. */
    private static final List<String> CHANGE_STATISTICS =
            List.of("source_epoch", "commit_lsn", "op", "source_schema", "source_table");

    private final RawTable changes;
    private final RawTable schemas;
    private CaptureOffset offset;
    private Function<SourceSchema, Optional<String>> catalog = schema -> Optional.empty();

    private RawWriter(RawTable changes, RawTable schemas, CaptureOffset offset) {
        this.changes = changes;
        this.schemas = schemas;
        this.offset = offset;
    }

    /** Opens the tables of a lake; empty if raw/changes does not exist yet. */
    public static Optional<RawWriter> open(LakeSettings lake) {
        return attempt("open raw/changes in " + lake.root(), () -> find(lake));
    }

    /** Creates the tables of a lake, with the first position. */
    public static RawWriter create(LakeSettings lake, CaptureOffset first) {
        return attempt("create raw/changes in " + lake.root(), () -> {
            Engine engine = engine(lake);
            schemas(engine, lake.layout());
            RawTable.create(
                    engine,
                    lake.layout().rawChanges(),
                    TableContract.RAW_CHANGES,
                    Map.of(CaptureOffset.DOMAIN, JSON.writeValueAsString(first)));
            return find(lake).orElseThrow();
        });
    }

    /** The next commits carry the timeline of the source, another one if it failed over, and the tables that are read now. */
    public void follow(int timeline, List<String> tables) {
        offset = new CaptureOffset(
                offset.epoch(),
                offset.slot(),
                offset.systemIdentifier(),
                timeline,
                offset.startLsn(),
                offset.lsn(),
                offset.committedAt(),
                tables,
                offset.rows());
    }

    /** Makes a later position durable without the changes up to there, which are lost. */
    public void skipTo(Lsn lsn) {
        attempt("move raw/changes to " + lsn, () -> {
            CaptureOffset next = new CaptureOffset(
                    offset.epoch(),
                    offset.slot(),
                    offset.systemIdentifier(),
                    offset.timeline(),
                    offset.startLsn(),
                    lsn.value(),
                    Instant.now().toString(),
                    offset.tables(),
                    offset.rows());
            String domain = JSON.writeValueAsString(next);
            changes.commit(List.of(), appId(offset), lsn.value(), Map.of(CaptureOffset.DOMAIN, domain));
            offset = next;
            return next;
        });
    }

    /** Schemas are recorded with what the catalog says of them. */
    public void describe(Function<SourceSchema, Optional<String>> catalog) {
        this.catalog = catalog;
    }

    /** What raw/changes says of its own position; durable but for what has just been followed. */
    public CaptureOffset offset() {
        return offset;
    }

    /** The key columns of each table in all schemas that raw/schemas holds. */
    public Map<SourceTable, Set<String>> keyColumns() {
        return attempt("read raw/schemas", () -> {
            Map<SourceTable, Set<String>> keys = new HashMap<>();
            for (List<String> schema : schemas.texts(List.of("source_schema", "source_table", "key"))) {
                keys.computeIfAbsent(new SourceTable(schema.get(0), schema.get(1)), any -> new HashSet<>())
                        .addAll(List.of(JSON.readValue(schema.get(2), String[].class)));
            }
            return keys;
        });
    }

    /**
     * Makes the whole transactions of a batch durable, schemas first, and the position with them.
     *
     * @throws Failure RETRY if the store failed; what it took is known only by opening the tables again. OPERATOR if
     *     another process writes them.
     */
    public void commit(ChangeBatch batch) {
        Lsn from = new Lsn(offset.lsn());
        Lsn to = batch.position();
        long startedAt = System.nanoTime();
        LOG.debug("Committing raw batch rows={} from={} to={}", batch.rows(), from, to);
        long version = attempt("commit raw/changes at " + to, () -> {
            for (FirstUse use : batch.schemas()) {
                record(use);
            }
            CaptureOffset next = next(batch);
            long committed = changes.commit(
                    write(batch),
                    appId(offset),
                    to.value(),
                    Map.of(CaptureOffset.DOMAIN, JSON.writeValueAsString(next)));
            offset = next;
            return committed;
        });
        LOG.info(
                "Committed raw batch rows={} from={} to={} version={} tookMs={}",
                batch.rows(),
                from,
                to,
                version,
                (System.nanoTime() - startedAt) / 1_000_000);
    }

    private List<Row> write(ChangeBatch batch) throws IOException {
        RawRows rows = new RawRows(changes.schema(), offset.epoch(), batch.changes());
        List<Row> actions = new ArrayList<>();
        while (rows.hasNext()) {
            Map<String, Literal> day = Map.of("captured_day", Literal.ofDate(rows.day()));
            actions.addAll(changes.write(rows.ofDay(), day, CHANGE_STATISTICS));
        }
        return actions;
    }

    private CaptureOffset next(ChangeBatch batch) {
        return new CaptureOffset(
                offset.epoch(),
                offset.slot(),
                offset.systemIdentifier(),
                offset.timeline(),
                offset.startLsn(),
                batch.position().value(),
                Instant.EPOCH.plus(batch.committedAt(), ChronoUnit.MICROS).toString(),
                offset.tables(),
                offset.rows() == null ? null : Long.valueOf(offset.rows() + batch.rows()));
    }

    /** A SetTransaction per schema makes the table refuse what it already holds, so that nothing has to be read. */
    private void record(FirstUse use) throws IOException {
        String appId = "schema/" + use.schema().id();
        if (schemas.transaction(appId).isPresent()) {
            return;
        }
        List<Row> actions = schemas.write(Utils.singletonCloseableIterator(row(use)), Map.of(), List.of("schema_id"));
        long version = schemas.commit(actions, appId, 1, Map.of());
        LOG.info(
                "Recorded source schema table={} schemaId={} version={}",
                use.schema().table(),
                use.schema().id(),
                version);
    }

    private FilteredColumnarBatch row(FirstUse use) {
        SourceSchema schema = use.schema();
        Map<String, Object> values = new HashMap<>(Map.of(
                "schema_id", schema.id(),
                "source_schema", schema.table().schema(),
                "source_table", schema.table().name(),
                "columns", schema.columns(),
                "key", schema.key(),
                "source_epoch", offset.epoch(),
                "first_lsn", use.commitLsn(),
                "recorded_at", ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())));
        catalog.apply(schema).ifPresent(shape -> values.put("catalog", shape));
        StructType type = schemas.schema();
        ColumnVector[] vectors = type.fields().stream()
                .map(field ->
                        DefaultGenericVector.fromArray(field.getDataType(), new Object[] {values.get(field.getName())}))
                .toArray(ColumnVector[]::new);
        return new FilteredColumnarBatch(new DefaultColumnarBatch(1, type, vectors), Optional.empty());
    }

    private static Optional<RawWriter> find(LakeSettings lake) throws JsonProcessingException {
        Engine engine = engine(lake);
        Optional<RawTable> found = RawTable.find(engine, lake.layout().rawChanges(), TableContract.RAW_CHANGES);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        RawTable changes = found.get();
        String domain = changes.domain(CaptureOffset.DOMAIN)
                .orElseThrow(
                        () -> new Failure(
                                Remedy.OPERATOR,
                                "Cannot continue raw/changes in " + lake.root()
                                        + ": the table has no position, so it was not made by Headwater. Name another lake.root."));
        CaptureOffset offset = JSON.readValue(domain, CaptureOffset.class);
        if (changes.transaction(appId(offset)).isEmpty()) {
            // a table is created without a SetTransaction, and readers take the position from it
            changes.commit(List.of(), appId(offset), offset.lsn(), Map.of());
        }
        return Optional.of(new RawWriter(changes, schemas(engine, lake.layout()), offset));
    }

    private static RawTable schemas(Engine engine, LakeLayout layout) {
        return RawTable.find(engine, layout.rawSchemas(), TableContract.RAW_SCHEMAS)
                .orElseGet(() -> RawTable.create(engine, layout.rawSchemas(), TableContract.RAW_SCHEMAS, Map.of()));
    }

    private static String appId(CaptureOffset offset) {
        return CommitId.capture(offset.slot(), offset.epoch());
    }

    private static Engine engine(LakeSettings lake) {
        Configuration configuration = LakeConfiguration.of(lake);
        // Hadoop would close the store at once on Ctrl-C, under the commit that the shutdown waits for
        configuration.setBoolean("fs.automatic.close", false);
        // a row group is built in memory, and capture has a heap of 512 MB
        configuration.setIfUnset("parquet.block.size", String.valueOf(16 << 20));
        // keys and rows are hardly ever equal: the sooner their dictionaries are given up the better
        configuration.setIfUnset("parquet.dictionary.page.size", String.valueOf(64 << 10));
        // S3A zeroes a direct buffer of this size for each file
        configuration.setIfUnset("fs.s3a.multipart.size", String.valueOf(8 << 20));
        return DefaultEngine.create(configuration);
    }

    /** Runs a step on the store and tells what a failure of it means. */
    private static <T> T attempt(String step, Callable<T> work) {
        try {
            return work.call();
        } catch (Failure e) {
            throw e;
        } catch (ConcurrentWriteException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot " + step + ": another process committed to the table first (" + Failure.reason(e)
                            + "). Is a second capture running on the same lake?",
                    e);
        } catch (Exception e) {
            throw storeFailed(e)
                    ? new Failure(
                            Remedy.RETRY,
                            "Cannot " + step + ": " + Failure.reason(e)
                                    + ". Check that the store of lake.root can be reached and has room.",
                            e)
                    : new Failure(Remedy.BUG, "Cannot " + step + ": " + Failure.reason(e) + ". Please report this.", e);
        }
    }

    private static boolean storeFailed(Throwable thrown) {
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            if (at instanceof IOException
                    || at instanceof KernelEngineException
                    || at instanceof CommitStateUnknownException
                    || at instanceof MaxCommitRetryLimitReachedException) {
                return true;
            }
        }
        return false;
    }
}
