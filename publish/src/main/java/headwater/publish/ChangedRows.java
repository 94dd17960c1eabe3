package headwater.publish;

import headwater.publish.delta.RowSink;
import headwater.publish.mart.RowBytes;
import headwater.publish.mart.RowKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a range of changes does to each key in the end: the last image wins, and within one version a row outranks a
 * deletion, because a version that holds both has replaced the row. Changes may come in any order.
 */
final class ChangedRows implements RowSink {
    /** The row, or null where the key is gone. */
    private record Image(long version, Object @Nullable [] row) {
        boolean isDeletion() {
            return row == null;
        }
    }

    /** Beyond it rows that are too large together are held together: no finer slice would part them. */
    private static final int MOST_SLICES = 1 << 16;

    private final int[] keyOrdinals;
    private final int limit;
    private final int slice;
    private final int slices;
    private final Map<RowKey, Image> images = new HashMap<>();
    private long bytes;

    private ChangedRows(int[] keyOrdinals, int limit, int slice, int slices) {
        this.keyOrdinals = keyOrdinals;
        this.limit = limit;
        this.slice = slice;
        this.slices = slices;
    }

    /** Holds up to so many keys, and so many bytes; more and it is {@link #full()}. */
    static ChangedRows upTo(int limit, int[] keyOrdinals) {
        return new ChangedRows(keyOrdinals, limit, 0, 1);
    }

    /** The same for every {@code slices}-th part of all keys, by their hash. */
    static ChangedRows ofSlice(int slice, int slices, int limit, int[] keyOrdinals) {
        return new ChangedRows(keyOrdinals, limit, slice, slices);
    }

    @Override
    public void row(long version, Object[] row) {
        RowKey key = RowKey.of(row, keyOrdinals);
        if (isMine(key)) {
            bytes += RowBytes.of(row);
            images.merge(key, new Image(version, row), (old, made) -> made.version >= old.version ? made : old);
        }
    }

    @Override
    public void deletion(long version, Object[] row) {
        RowKey key = RowKey.of(row, keyOrdinals);
        if (isMine(key)) {
            images.merge(key, new Image(version, null), (old, gone) -> gone.version > old.version ? gone : old);
        }
    }

    @Override
    public boolean full() {
        return images.size() > limit || (bytes > RowBytes.MOST_HELD && images.size() > 1 && slices < MOST_SLICES);
    }

    int size() {
        return images.size();
    }

    /** The rows to write, in key order. */
    List<Object[]> upserts() {
        return images.entrySet().stream()
                .filter(image -> !image.getValue().isDeletion())
                .sorted(Map.Entry.comparingByKey())
                .map(image -> image.getValue().row())
                .toList();
    }

    /** The keys to delete, in key order. */
    List<RowKey> deletions() {
        List<RowKey> keys = new ArrayList<>();
        images.forEach((key, image) -> {
            if (image.isDeletion()) {
                keys.add(key);
            }
        });
        Collections.sort(keys);
        return keys;
    }

    private boolean isMine(RowKey key) {
        return slices == 1 || Math.floorMod(key.hashCode(), slices) == slice;
    }
}
