package headwater.lake.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.actions.DeletionVectorDescriptor;
import org.apache.spark.sql.delta.actions.RemoveFile;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArray;
import org.apache.spark.sql.delta.deletionvectors.RoaringBitmapArrayFormat;
import org.apache.spark.sql.delta.storage.dv.DeletionVectorStoreUtils;
import org.apache.spark.sql.delta.storage.dv.HadoopFileSystemDVStore;
import org.apache.spark.sql.delta.util.PathWithFileSystem;
import scala.Option;
import scala.Tuple2;

/** Hides rows of data files by deletion vectors, all of one commit in one small file. */
final class DeletionVectors {

    /**
     * Writes the vectors; returns the actions that put them in force.
     *
     * @param files that stay, and that edited rows lie in
     */
    static List<Action> of(TableLog log, List<AddFile> files, List<RowEdit> edits) {
        Map<String, RoaringBitmapArray> hidden = new HashMap<>();
        for (RowEdit edit : edits) {
            edit.before()
                    .ifPresent(old -> hidden.computeIfAbsent(old.file(), any -> new RoaringBitmapArray())
                            .add(old.index()));
        }
        if (files.isEmpty()) {
            return List.of();
        }
        HadoopFileSystemDVStore store = new HadoopFileSystemDVStore(log.configuration());
        UUID id = UUID.randomUUID();
        PathWithFileSystem file = store.generateFileNameInTable(store.pathWithFileSystem(log.root()), id, "");
        List<Action> actions = new ArrayList<>();
        try (DeletionVectorStoreUtils.Writer writer = store.createWriter(file)) {
            for (AddFile add : files) {
                RoaringBitmapArray rows = Objects.requireNonNull(hidden.get(LocatedRow.name(add.path())));
                actions.addAll(hide(add, rows, store, log, writer, id));
            }
        }
        return actions;
    }

    private static List<Action> hide(
            AddFile add,
            RoaringBitmapArray rows,
            HadoopFileSystemDVStore store,
            TableLog log,
            DeletionVectorStoreUtils.Writer writer,
            UUID id) {
        if (add.deletionVector() != null) {
            rows.merge(store.read(add.deletionVector(), log.root()));
        }
        long cardinality = rows.cardinality();
        Option<Object> all = add.numPhysicalRecords();
        if (all.isDefined() && (Long) all.get() == cardinality) {
            return List.of(add.remove());
        }
        byte[] bytes = rows.serializeAsByteArray(RoaringBitmapArrayFormat.Portable());
        DeletionVectorDescriptor vector = DeletionVectorDescriptor.onDiskWithRelativePath(
                id,
                "",
                bytes.length,
                cardinality,
                Option.apply(writer.write(bytes).offset()),
                Option.empty());
        Tuple2<AddFile, RemoveFile> replaced = add.removeRows(vector, true, true);
        return List.of(replaced._1(), replaced._2());
    }

    private DeletionVectors() {}
}
