package headwater.publish.check;

import headwater.lake.contract.SourceType;
import headwater.lake.pipeline.DidYouMean;
import headwater.lake.pipeline.TableSpec;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The columns of a source table, in its order. */
record SourceColumns(List<Column> all) {
    private static final String COLUMNS = """
            SELECT a.attname, b.typname, a.attgenerated <> '', has_column_privilege(a.attrelid, a.attnum, 'SELECT')
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
            WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """;

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    /** What Spark SQL does not take for a column. */
    private static final Set<String> WORDS = Set.of("null", "true", "false", "current_date", "current_timestamp");

    /** @param type as in pg_type.typname, of a domain its base type */
    record Column(String name, String type, boolean generated, boolean readable) {}

    static SourceColumns read(Connection connection, long table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setLong(1, table);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    columns.add(new Column(row.getString(1), row.getString(2), row.getBoolean(3), row.getBoolean(4)));
                }
            }
        }
        return new SourceColumns(columns);
    }

    void look(TableSpec spec, String role, Findings findings) {
        lookForTypes(spec, findings);
        lookForRights(spec, role, findings);
        lookForNames(spec, findings);
        List<String> generated = all.stream()
                .filter(Column::generated)
                .map(Column::name)
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
    List<Column> carried(TableSpec spec) {
        return all.stream()
                .filter(column -> !column.generated() && !spec.exclude().contains(column.name()))
                .toList();
    }

    /** For the publication's column list; empty for all columns. */
    List<String> publicationList(TableSpec spec) {
        return spec.exclude().isEmpty()
                ? List.of()
                : carried(spec).stream().map(Column::name).toList();
    }

    private void lookForTypes(TableSpec spec, Findings findings) {
        for (Column column : carried(spec)) {
            if (SourceType.of(column.type()).isEmpty()) {
                findings.fault("Cannot capture the source table " + spec.source() + ": column " + column.name()
                        + " has the type " + column.type() + ", whose values do not arrive in the lake as they are. "
                        + (spec.key().contains(column.name())
                                ? "It is part of the key: change its type."
                                : "Name it in tables." + spec.name() + ".exclude, or change its type."));
            }
        }
    }

    private void lookForRights(TableSpec spec, String role, Findings findings) {
        List<Column> carried = carried(spec);
        List<String> unreadable = carried.stream()
                .filter(column -> !column.readable())
                .map(Column::name)
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
        Set<String> known = all.stream().map(Column::name).collect(Collectors.toSet());
        Set<String> carried = carried(spec).stream().map(Column::name).collect(Collectors.toSet());
        for (String excluded : spec.exclude()) {
            if (!known.contains(excluded)) {
                findings.fault(misnamed(spec, ".exclude names " + excluded, excluded, known));
            }
        }
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

    private static String misnamed(TableSpec spec, String where, String name, Set<String> known) {
        return "Cannot use tables." + spec.name() + where + ", a column that " + spec.source() + " does not have"
                + DidYouMean.hint(name, known) + ". Correct the pipeline file, or add the column.";
    }
}
