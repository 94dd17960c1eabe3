package headwater.lake.pipeline;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The section {@code curated} of a pipeline file.
 *
 * @param cleansed names of the cleansed tables
 * @param names the same with those of the curated tables
 */
record CuratedSection(Section section, Set<String> cleansed, Set<String> names, Faults faults) {

    /** The tables in the order of the file; what is wrong with them is among the faults. */
    List<CuratedSpec> tables() {
        List<CuratedSpec> tables = section.entries().stream().map(this::table).toList();
        checkLayers(tables);
        return tables;
    }

    private CuratedSpec table(Section table) {
        table.checkKeys();
        if (!table.name().matches(PipelineFile.IDENTIFIER) || cleansed.contains(table.name())) {
            faults.add(
                    table.line(),
                    table.path() + " must be named in lower case letters, digits and _, and not as a table in tables");
        }
        TableNames.checkName(table, faults);
        Map<String, String> columns = table.required("columns").texts();
        List<String> key = table.names("key");
        List<String> partitionBy = table.has("partitionBy") ? table.names("partitionBy") : List.of();
        key.stream()
                .filter(column -> !columns.containsKey(column))
                .forEach(column -> faults.add(
                        table.line("key"), table.path() + ".key names " + column + ", which is not among its columns"));
        partitionBy.stream()
                .filter(column -> !key.contains(column))
                .forEach(column -> faults.add(
                        table.line("partitionBy"),
                        table.path() + ".partitionBy names " + column + ", which is not in its key"));
        Map<String, String> affectedBy =
                new LinkedHashMap<>(table.required("affectedBy").texts());
        affectedBy.keySet().stream()
                .filter(upstream -> !names.contains(upstream))
                .forEach(upstream -> faults.add(
                        table.line("affectedBy"),
                        table.path() + ".affectedBy names " + upstream
                                + ", which is neither among tables nor among curated"
                                + DidYouMean.hint(upstream, names)));
        Map<String, String> indexes = table.section("indexes").texts();
        indexes.forEach((name, indexed) -> checkIndex(table.section("indexes"), name, indexed, columns));
        return new CuratedSpec(
                table.name(),
                key,
                partitionBy,
                table.text("sql"),
                affectedBy,
                columns,
                indexes,
                table.oneOf("publish", "true", "true", "false").equals("true"));
    }

    private void checkIndex(Section indexes, String name, String indexed, Map<String, String> columns) {
        String where = indexes.path() + "." + name;
        if (!name.matches(PipelineFile.IDENTIFIER)) {
            faults.add(indexes.line(name), where + " must be named in lower case letters, digits and _");
        }
        for (String part : indexed.split(",", -1)) {
            String column = part.strip().replaceFirst(" (ASC|DESC)$", "");
            if (!columns.containsKey(column)) {
                faults.add(
                        indexes.line(name),
                        where + " must list columns of the table, each alone or followed by DESC (has \"" + part.strip()
                                + "\"" + DidYouMean.hint(column, columns.keySet()) + ")");
            }
        }
    }

    /** A table is computed from tables that are computed before it. */
    private void checkLayers(List<CuratedSpec> curated) {
        List<CuratedSpec> cyclic = CuratedLayers.of(curated).cyclic();
        if (!cyclic.isEmpty()) {
            faults.add(
                    section.line(cyclic.get(0).name()),
                    "the affectedBy of "
                            + cyclic.stream()
                                    .map(table -> "curated." + table.name())
                                    .collect(joining(", "))
                            + " goes in a circle, and none can be computed before the others. Let one of them read a table that"
                            + " does not read it");
        }
        for (CuratedSpec table : curated) {
            curated.stream()
                    .filter(other -> !other.published()
                            && table.published()
                            && table.affectedBy().containsKey(other.name()))
                    .forEach(
                            other -> faults.add(
                                    section.line(table.name()),
                                    "curated." + table.name() + ".affectedBy names " + other.name()
                                            + ", which is not computed: its publish is false. Publish it, or read another table"));
            curated.stream()
                    .filter(other -> !other.name().equals(table.name())
                            && !table.affectedBy().containsKey(other.name())
                            && reads(table.sql(), other.name()))
                    .forEach(other -> faults.add(
                            section.line(table.name()),
                            "curated." + table.name() + ".sql reads " + other.name()
                                    + ", another curated table, which its affectedBy must name then"));
        }
    }

    /** Whether SQL reads a table, as far as its text tells. */
    private static boolean reads(String sql, String table) {
        return Pattern.compile("\\b(FROM|JOIN)\\s+`?" + table + "`?(?![\\w.(])", Pattern.CASE_INSENSITIVE)
                .matcher(sql)
                .find();
    }
}
