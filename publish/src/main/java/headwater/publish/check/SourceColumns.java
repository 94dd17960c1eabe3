package headwater.publish.check;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.LoadColumns;
import headwater.lake.pipeline.DidYouMean;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.source.CatalogColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The columns of a source table, in its order. */
record SourceColumns(List<CatalogColumn> all) {
    /** What Spark refuses of names that it writes into Parquet files. */
    private static final Pattern NOT_IN_PARQUET = Pattern.compile("[ ,;{}()\n\t=]");

    /** What ends a table's name in Debezium's message.key.columns, beside what no lake takes. */
    private static final Pattern NOT_IN_KEY = Pattern.compile(":");

    private static final Set<String> OURS = Set.of(
            LoadColumns.LOAD_ID,
            LoadColumns.EPOCH,
            LoadColumns.LOAD_LSN,
            CleansedColumns.COMMIT_LSN,
            CleansedColumns.ORDER,
            CleansedColumns.DELETED,
            CleansedColumns.REASON,
            "_key",
            "_op",
            "_after",
            "_place",
            "_rule",
            "_source_row",
            "_metadata");

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    /** What Spark SQL does not take for a column. */
    private static final Set<String> WORDS = Set.of("null", "true", "false", "current_date", "current_timestamp");

    static SourceColumns read(Connection connection, long table) throws SQLException {
        return new SourceColumns(CatalogColumn.of(connection, table));
    }

    void look(TableSpec spec, String role, Findings findings) {
        lookForTypes(spec, findings);
        lookForLakeNames(spec, findings);
        lookForRights(spec, role, findings);
        lookForNames(spec, findings);
        List<String> generated = all.stream()
                .filter(CatalogColumn::generated)
                .map(CatalogColumn::name)
                .filter(name -> !spec.exclude().contains(name))
                .toList();
        if (!generated.isEmpty()) {
            findings.fine("PostgreSQL: note: the generated column" + (generated.size() == 1 ? " " : "s ")
                    + String.join(", ", generated) + " of " + spec.source()
                    + " is left out of the lake: changes do not carry it. Compute it in tables." + spec.name()
                    + ".columns if it is needed.");
        }
    }

    /** What arrives in the lake: change events and loads both leave generated columns out. */
    List<CatalogColumn> carried(TableSpec spec) {
        return all.stream()
                .filter(column -> !column.generated() && !spec.exclude().contains(column.name()))
                .toList();
    }

    /** For the publication's column list; empty for all columns. */
    List<String> publicationList(TableSpec spec) {
        return spec.exclude().isEmpty()
                ? List.of()
                : carried(spec).stream().map(CatalogColumn::name).toList();
    }

    private void lookForTypes(TableSpec spec, Findings findings) {
        for (CatalogColumn column : carried(spec)) {
            if (column.kept().isEmpty()) {
                findings.fault("Cannot capture the source table " + spec.source() + ": column " + column.name()
                        + " has the type " + column.type() + ", whose values do not arrive in the lake as they are. "
                        + (spec.key().contains(column.name())
                                ? "It is part of the key: change its type."
                                : "Name it in tables." + spec.name() + ".exclude, or change its type."));
            }
        }
    }

    /** Names that Delta, or the lake's own columns beside those of the source, leave no room for. */
    private void lookForLakeNames(TableSpec spec, Findings findings) {
        Map<String, String> byLowerCase = new HashMap<>();
        for (CatalogColumn column : all) {
            String other = byLowerCase.putIfAbsent(column.name().toLowerCase(Locale.ROOT), column.name());
            if (other != null) {
                findings.fault("Cannot capture the source table " + spec.source() + ": its columns " + other + " and "
                        + column.name()
                        + " differ only by case, which the lake does not tell apart. Rename one of them.");
            }
        }
        for (CatalogColumn column : carried(spec)) {
            String name = column.name();
            String lower = name.toLowerCase(Locale.ROOT);
            String why = NOT_IN_PARQUET.matcher(name).find()
                    ? "a blank, a comma, a semicolon, an equals sign, a brace or a bracket, which the lake does not take in names"
                    : OURS.contains(lower) || lower.startsWith("_original_")
                            ? "the name of a column that the lake adds"
                            : "";
            if (!why.isEmpty()) {
                findings.fault(
                        "Cannot load the source table " + spec.source() + ": its column \"" + name + "\" has " + why
                                + ". "
                                + (spec.key().contains(name)
                                        ? "It is part of the key: rename it."
                                        : "Name it in tables." + spec.name() + ".exclude, or rename it."));
            }
        }
        for (String name : spec.key()) {
            if (NOT_IN_KEY.matcher(name).find()) {
                findings.fault("Cannot capture the source table " + spec.source() + ": its key column \"" + name
                        + "\" has a colon in its name, which the setting of its key does not take. Rename it.");
            }
        }
    }

    private void lookForRights(TableSpec spec, String role, Findings findings) {
        List<CatalogColumn> carried = carried(spec);
        List<String> unreadable = carried.stream()
                .filter(column -> !column.readable())
                .map(CatalogColumn::name)
                .toList();
        if (!unreadable.isEmpty()) {
            boolean whole = unreadable.size() == carried.size();
            findings.fault("Cannot load the source table " + spec.source() + ": the role " + role + " may not read "
                    + (whole ? "it" : "its columns " + String.join(", ", unreadable)) + ". Run GRANT SELECT ON "
                    + spec.source().sql() + " TO " + role + ".");
        }
    }

    /** Names that the pipeline file takes for columns of the source, as far as they stand alone. */
    private void lookForNames(TableSpec spec, Findings findings) {
        Set<String> known = all.stream().map(CatalogColumn::name).collect(Collectors.toSet());
        Set<String> carried = carried(spec).stream().map(CatalogColumn::name).collect(Collectors.toSet());
        for (String excluded : spec.exclude()) {
            if (!known.contains(excluded)) {
                findings.fault(misnamed(spec, ".exclude names " + excluded, excluded, known));
            }
        }
        notCarried(spec, "mask", spec.masks().keySet(), known, carried, findings);
        notCarried(spec, "asText", spec.asText(), known, carried, findings);
        spec.columns().forEach((column, expression) -> {
            String name = expression.strip();
            if (!NAME.matcher(name).matches() || WORDS.contains(name) || carried.contains(name)) {
                return;
            }
            String reads = ".columns." + column + " reads " + name;
            findings.fault(
                    known.contains(name)
                            ? "Cannot use tables." + spec.name() + reads + ", which is "
                                    + (spec.exclude().contains(name)
                                            ? "excluded"
                                            : "a generated column of " + spec.source())
                                    + " and so not in the lake. Correct the pipeline file."
                            : misnamed(spec, reads, name, carried));
        });
    }

    private static void notCarried(
            TableSpec spec, String key, Set<String> names, Set<String> known, Set<String> carried, Findings findings) {
        for (String name : names) {
            String where = "." + key + " names " + name;
            if (!known.contains(name)) {
                findings.fault(misnamed(spec, where, name, carried));
            } else if (!carried.contains(name)) {
                findings.fault("Cannot use tables." + spec.name() + where
                        + ", which is not in the lake. Correct the pipeline file.");
            }
        }
    }

    private static String misnamed(TableSpec spec, String where, String name, Set<String> known) {
        return "Cannot use tables." + spec.name() + where + ", a column that " + spec.source() + " does not have"
                + DidYouMean.hint(name, known) + ". Correct the pipeline file, or add the column.";
    }
}
