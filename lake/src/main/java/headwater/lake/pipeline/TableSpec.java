package headwater.lake.pipeline;

import headwater.lake.contract.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A captured table and how its rows are cleansed.
 *
 * @param name the cleansed table's name
 * @param key the cleansed columns of the key; each is a source column of the replica identity under its own name
 * @param normalizeText whether white space of text columns outside the key is trimmed and folded, and blank is null,
 *     before anything else reads them
 * @param columns cleansed column to Spark SQL over the source columns, in order
 * @param rules in the order in which the first broken one gives its name to a rejected row
 * @param asText source columns that cleansing reads as PostgreSQL's texts, whatever their types
 * @param exclude source columns that never leave the source
 * @param masks source columns whose values never leave the process that reads them, and what they become
 */
public record TableSpec(
        String name,
        SourceTable source,
        List<String> key,
        boolean normalizeText,
        Map<String, String> columns,
        List<Rule> rules,
        Set<String> asText,
        Set<String> exclude,
        Map<String, Mask> masks) {}
