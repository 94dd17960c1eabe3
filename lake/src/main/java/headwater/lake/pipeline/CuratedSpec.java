package headwater.lake.pipeline;

import java.util.List;
import java.util.Map;

/**
 * A reportable table.
 *
 * @param partitionBy columns of the key that are never null
 * @param sql Spark SQL over the cleansed tables, and the curated ones that {@code affectedBy} names, by name; its columns
 *     are those of {@code columns}
 * @param affectedBy upstream table, cleansed or curated, to Spark SQL that lists which part of this table its changes touch:
 *     it reads the view {@code changes} (old and new image of each changed row), the tables that {@code sql} may read, and
 *     this table as it was before, and returns columns of the key. A change of an upstream that is not named here does not
 *     touch the table.
 * @param columns column to MySQL type, in order
 * @param indexes name to the columns of a further MySQL index, such as {@code year, total_claims DESC}, for the queries of
 *     reports
 * @param published whether the table is built at all and carried to MySQL
 */
public record CuratedSpec(
        String name,
        List<String> key,
        List<String> partitionBy,
        String sql,
        Map<String, String> affectedBy,
        Map<String, String> columns,
        Map<String, String> indexes,
        boolean published) {}
