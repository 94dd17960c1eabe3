package headwater.lake.pipeline;

import headwater.lake.contract.CleansedColumns;
import headwater.lake.contract.RejectedColumns;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What a table of the pipeline file, its key, columns and rules may be called: other names would be taken for something else. */
final class TableNames {
    /** The view of changed rows in {@code affectedBy}. */
    private static final String CHANGES = "changes";

    private static final Set<String> OF_REJECTED = Set.of(RejectedColumns.RULE, RejectedColumns.SOURCE_ROW);
    private static final Set<String> REASONS = Set.of(CleansedColumns.REASON_DELETED, CleansedColumns.REASON_TRUNCATED);

    /** Of anything that SQL of curated tables reads by its name. */
    static void checkName(Section table, Faults faults) {
        if (table.name().equals(CHANGES)) {
            faults.add(
                    table.line(),
                    table.path() + " has the name by which affectedBy reads changes; give it another one");
        }
    }

    /** Constants are read as tables are. */
    static void checkConstants(Section constants, Set<String> tables, Faults faults) {
        constants.texts().keySet().stream()
                .filter(name -> name.equals(CHANGES) || tables.contains(name))
                .forEach(name -> faults.add(
                        constants.line(name),
                        constants.path() + "." + name + " has the name of "
                                + (name.equals(CHANGES) ? "the changes that affectedBy reads" : "a table")
                                + "; give it another one"));
    }

    static void check(Section table, List<String> key, Map<String, String> columns, Faults faults) {
        checkName(table, faults);
        checkKey(table, key, columns, faults);
        checkCase(table, columns, faults);
        Section rules = table.section("rules");
        rules.texts().keySet().stream()
                .filter(REASONS::contains)
                .forEach(rule -> faults.add(
                        rules.line(rule),
                        rules.path() + "." + rule + " has the name that a row gets which the source no longer has;"
                                + " give the rule another one"));
    }

    private static void checkKey(Section table, List<String> key, Map<String, String> columns, Faults faults) {
        for (String column : key) {
            if (!columns.getOrDefault(column, column).replace("`", "").strip().equals(column)) {
                faults.add(
                        table.line("columns"),
                        table.path() + ".columns." + column + " must be the source's column " + column
                                + " itself: it is part of the key, by which changes find their row. Put what is computed"
                                + " into a column of another name");
            }
            if (OF_REJECTED.contains(column)) {
                faults.add(
                        table.line("key"),
                        table.path() + ".key names " + column + ", which is a column of every table of rejected rows."
                                + " Rename it at the source, or choose another key");
            }
        }
    }

    private static void checkCase(Section table, Map<String, String> columns, Faults faults) {
        Map<String, String> byLowerCase = new HashMap<>();
        for (String column : columns.keySet()) {
            String other = byLowerCase.putIfAbsent(column.toLowerCase(Locale.ROOT), column);
            if (other != null) {
                faults.add(
                        table.line("columns"),
                        table.path() + ".columns." + column + " and " + other
                                + " differ only by case, which the lake does not tell apart. Rename one of them");
            }
        }
    }

    private TableNames() {}
}
