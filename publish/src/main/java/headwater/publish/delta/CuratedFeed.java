package headwater.publish.delta;

import headwater.publish.delta.FeedFile.Content;
import io.delta.kernel.data.Row;
import io.delta.kernel.exceptions.CommitRangeNotFoundException;
import io.delta.kernel.exceptions.StartVersionNotFoundException;
import io.delta.kernel.internal.DeltaLogActionUtils.DeltaAction;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.FileStatus;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.Path;

/**
 * Which files hold the rows of a curated table, or the changes between two of its versions, by the rules of the Delta
 * protocol: the change files of a version if it has any, else its added and removed data files.
 */
public final class CuratedFeed {
    private static final Set<DeltaAction> FILES = EnumSet.of(DeltaAction.ADD, DeltaAction.REMOVE, DeltaAction.CDC);

    private final DeltaTable table;

    public CuratedFeed(DeltaTable table) {
        this.table = table;
    }

    /**
     * The changes after one version up to another; empty if the log no longer reaches back, or tells them only by the vectors of
     * two versions of a file.
     */
    public Optional<List<FeedFile>> between(long after, long upTo) {
        List<FeedFile> files = new ArrayList<>();
        Set<Long> withChangeFiles = new HashSet<>();
        Set<Long> withDeletionVectors = new HashSet<>();
        try {
            table.actions(after + 1, upTo, FILES, (version, kind, action) -> {
                if (kind == DeltaAction.CDC) {
                    withChangeFiles.add(version);
                } else if (!action.getBoolean(ordinal(action, "dataChange"))) {
                    return;
                } else if (!action.isNullAt(ordinal(action, "deletionVector"))) {
                    withDeletionVectors.add(version);
                }
                files.add(file(version, kind, action));
            });
        } catch (StartVersionNotFoundException | CommitRangeNotFoundException e) {
            return Optional.empty();
        }
        withDeletionVectors.removeAll(withChangeFiles);
        if (!withDeletionVectors.isEmpty()) {
            return Optional.empty();
        }
        files.removeIf(file -> file.content() != Content.CHANGES && withChangeFiles.contains(file.version()));
        return Optional.of(files);
    }

    /** All rows of a version. */
    public List<FeedFile> rowsAt(long version) {
        List<FeedFile> files = new ArrayList<>();
        table.files(table.at(version), row -> {
            FileStatus status = InternalScanFileUtils.getAddFileStatus(row);
            files.add(new FeedFile(
                    version,
                    Content.ROWS,
                    status.getPath(),
                    status.getSize(),
                    InternalScanFileUtils.getPartitionValues(row),
                    Optional.ofNullable(InternalScanFileUtils.getDeletionVectorDescriptorFromRow(row))
                            .map(vector -> new HiddenRows(table.path(), vector))));
        });
        return files;
    }

    private FeedFile file(long version, DeltaAction kind, Row action) {
        Content content = switch (kind) {
            case ADD -> Content.ROWS;
            case REMOVE -> Content.REMOVED_ROWS;
            default -> Content.CHANGES;
        };
        Map<String, String> partition = action.isNullAt(ordinal(action, "partitionValues"))
                ? Map.of()
                : VectorUtils.toJavaMap(action.getMap(ordinal(action, "partitionValues")));
        long size = action.isNullAt(ordinal(action, "size")) ? 0 : action.getLong(ordinal(action, "size"));
        return new FeedFile(
                version,
                content,
                absolute(action.getString(ordinal(action, "path"))),
                size,
                partition,
                Optional.empty());
    }

    /** A path in the log is a URI, relative to the table or absolute. */
    private String absolute(String path) {
        return new Path(new Path(table.path()), new Path(URI.create(path))).toString();
    }

    private static int ordinal(Row action, String field) {
        StructType schema = action.getSchema();
        return schema.indexOf(field);
    }
}
