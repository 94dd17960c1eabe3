package headwater.publish.delta;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.CommitRange;
import io.delta.kernel.CommitRangeBuilder.CommitBoundary;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.internal.DeltaLogActionUtils.DeltaAction;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The log of one Delta table: its snapshots, and what each commit did. */
public record DeltaTable(Engine engine, String path) {

    private static final int ATTEMPTS = 20;
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

    /** Takes the actions of a range of commits, in order. */
    interface ActionVisitor {
        void visit(long version, DeltaAction kind, Row action);
    }

    /**
     * The newest snapshot; empty if there is no table at the path.
     *
     * @throws Failure RETRY if a writer got in between each time
     */
    public Optional<Snapshot> newest() {
        try {
            return Optional.of(load());
        } catch (TableNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * A store does not list a folder at one moment: the listing may show the checksum of a commit and not the commit that
     * was written just before it, which Kernel takes for a damaged log.
     */
    private Snapshot load() {
        for (int attempt = 1; ; attempt++) {
            try {
                return TableManager.loadSnapshot(path).build(engine);
            } catch (IllegalArgumentException e) {
                if (attempt == ATTEMPTS) {
                    throw new Failure(
                            Remedy.RETRY,
                            "Cannot read the log of " + path + ": " + Failure.reason(e)
                                    + ". It may have been written at the same time; it is safe to try again.",
                            e);
                }
                LockSupport.parkNanos(BETWEEN_ATTEMPTS.toNanos());
            }
        }
    }

    Snapshot at(long version) {
        return TableManager.loadSnapshot(path).atVersion(version).build(engine);
    }

    /**
     * Visits the actions of the wanted kinds from one version to another, both included.
     *
     * @throws io.delta.kernel.exceptions.KernelException if the log no longer holds one of the commits
     */
    void actions(long from, long to, Set<DeltaAction> kinds, ActionVisitor visitor) {
        CommitRange range = TableManager.loadCommitRange(path, CommitBoundary.atVersion(from))
                .withEndBoundary(CommitBoundary.atVersion(to))
                .build(engine);
        try (CloseableIterator<ColumnarBatch> batches = range.getActions(engine, kinds)) {
            while (batches.hasNext()) {
                visit(batches.next(), kinds, visitor);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a snapshot as Kernel's scan file rows, with the add action's statistics. */
    public void files(Snapshot snapshot, Consumer<Row> visitor) {
        try (CloseableIterator<FilteredColumnarBatch> batches =
                snapshot.getScanBuilder().build().getScanFiles(engine, true)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    files.forEachRemaining(visitor);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What the files of a snapshot hold.
     *
     * @param rows without those that are deleted; null if the log does not say it of a file
     */
    public record Contents(@Nullable Long rows, long bytes) {}

    /** What a snapshot holds, from the statistics in its log. */
    public Contents contents(Snapshot snapshot) {
        AtomicLong rows = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        AtomicBoolean unknown = new AtomicBoolean();
        files(snapshot, row -> {
            AddFile file = new AddFile(row.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
            DeletionVectorDescriptor deleted = InternalScanFileUtils.getDeletionVectorDescriptorFromRow(row);
            if (file.getNumRecords().isEmpty()) {
                unknown.set(true);
            }
            rows.addAndGet(file.getNumRecords().orElse(0L) - (deleted == null ? 0 : deleted.getCardinality()));
            bytes.addAndGet(file.getSize());
        });
        return new Contents(unknown.get() ? null : Long.valueOf(rows.get()), bytes.get());
    }

    private static void visit(ColumnarBatch batch, Set<DeltaAction> kinds, ActionVisitor visitor) throws IOException {
        StructType schema = batch.getSchema();
        int version = schema.indexOf("version");
        Map<DeltaAction, Integer> ordinals = new EnumMap<>(DeltaAction.class);
        kinds.forEach(kind -> ordinals.put(kind, schema.indexOf(kind.colName)));
        try (CloseableIterator<Row> rows = batch.getRows()) {
            while (rows.hasNext()) {
                Row row = rows.next();
                ordinals.forEach((kind, ordinal) -> {
                    if (!row.isNullAt(ordinal)) {
                        visitor.visit(row.getLong(version), kind, row.getStruct(ordinal));
                    }
                });
            }
        }
    }
}
