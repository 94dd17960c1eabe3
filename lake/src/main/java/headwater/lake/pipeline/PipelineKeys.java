package headwater.lake.pipeline;

import java.util.List;
import java.util.Map;

/**
 * Every key that a pipeline file may have, by the section that it stands in; {@code NAME} stands for a table's name. Below
 * {@code lake.options}, {@code constants}, {@code views} and the columns, rules and masks of a table any name is a key.
 */
final class PipelineKeys {
    static final Map<String, List<String>> BY_SECTION = Map.of(
            "",
                    List.of(
                            "format",
                            "name",
                            "source",
                            "lake",
                            "target",
                            "report",
                            "capture",
                            "merge",
                            "tables",
                            "constants",
                            "curated",
                            "views"),
            "source", List.of("url", "user", "password", "slot", "failover", "publication", "tls", "maskSalt"),
            "source.tls", List.of("mode", "rootCertificate"),
            "lake", List.of("root", "options"),
            "target", List.of("url", "user", "password", "tls", "maxTransactionRows", "timeout"),
            "report", List.of("user", "password", "staleAfter"),
            "capture", List.of("flushInterval", "flushBytes", "warnWalMebibytes", "warnBefore"),
            "merge", List.of("form"),
            "tables.NAME", List.of("source", "key", "text", "columns", "rules", "asText", "exclude", "mask"),
            "curated.NAME", List.of("key", "partitionBy", "sql", "affectedBy", "columns", "indexes", "publish"));

    /** The keys of a section by its path, such as {@code tables.prescriber}. */
    static List<String> of(String path) {
        List<String> keys = BY_SECTION.get(path.replaceFirst("^(tables|curated)\\..*", "$1.NAME"));
        if (keys == null) {
            throw new IllegalArgumentException("The section " + path + " has no keys of its own");
        }
        return keys;
    }

    private PipelineKeys() {}
}
