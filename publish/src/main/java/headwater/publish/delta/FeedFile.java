package headwater.publish.delta;

import java.util.Map;
import java.util.Optional;

/**
 * A data file that holds rows of a curated table or changes to them.
 *
 * @param version the Delta version that its rows belong to
 * @param content what its rows mean
 * @param path absolute URI
 * @param partition partition column to its value as text; all rows of the file have it
 * @param hidden rows of the file that do not count
 */
public record FeedFile(
        long version,
        Content content,
        String path,
        long size,
        Map<String, String> partition,
        Optional<HiddenRows> hidden) {

    enum Content {
        /** Each row is there since the version. */
        ROWS,
        /** Each row is gone since the version. */
        REMOVED_ROWS,
        /** Each row says in {@code _change_type} what became of it. */
        CHANGES
    }
}
