package headwater.capture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A table of the source as its statements have left it. Each row belongs to one session, and has a number by which it is
 * known whatever happens to its key; its values are texts by the numbers of the columns.
 */
final class ModelTable {
    private final String name;
    private final boolean full;
    private final Set<Integer> key;
    private final Map<String, Integer> names;
    private List<ModelColumn> columns;
    private final Map<Long, Map<Integer, String>> rows;

    private ModelTable(
            String name,
            boolean full,
            Set<Integer> key,
            Map<String, Integer> names,
            List<ModelColumn> columns,
            Map<Long, Map<Integer, String>> rows) {
        this.name = name;
        this.full = full;
        this.key = key;
        this.names = names;
        this.columns = columns;
        this.rows = rows;
    }

    /**
     * @param full whether it is under REPLICA IDENTITY FULL
     * @param key names of the key columns, none for a table without one
     */
    static ModelTable of(String name, boolean full, Set<String> key, List<ModelColumn> columns) {
        Map<String, Integer> names = columns.stream().collect(Collectors.toMap(ModelColumn::name, ModelColumn::number));
        return new ModelTable(
                name,
                full,
                key.stream().map(names::get).collect(Collectors.toSet()),
                new HashMap<>(names),
                columns,
                new TreeMap<>());
    }

    ModelTable copy() {
        return new ModelTable(name, full, key, names, columns, new TreeMap<>(rows));
    }

    String name() {
        return name;
    }

    boolean full() {
        return full;
    }

    boolean keyed() {
        return !key.isEmpty();
    }

    boolean isKey(ModelColumn column) {
        return key.contains(column.number());
    }

    List<ModelColumn> columns() {
        return columns;
    }

    List<ModelColumn> columns(ModelType type) {
        return columns.stream().filter(column -> column.type() == type).toList();
    }

    List<ModelColumn> ordinary() {
        return columns.stream().filter(column -> column.type().ordinary()).toList();
    }

    void columns(List<ModelColumn> changed) {
        columns = changed;
        changed.forEach(column -> names.put(column.name(), column.number()));
    }

    /** The number of the column that has or had a name; no name is ever used for another column. */
    int number(String column) {
        return names.get(column);
    }

    /** A number for a column that is added. */
    int next() {
        return names.values().stream().mapToInt(Integer::intValue).max().orElseThrow() + 1;
    }

    Map<Long, Map<Integer, String>> rows() {
        return rows;
    }

    /** Sets or, with null, removes a row; what it was before. */
    Map<Integer, String> put(long row, Map<Integer, String> values) {
        return values == null ? rows.remove(row) : rows.put(row, values);
    }

    List<Long> rowsOf(int session) {
        return rows.keySet().stream()
                .filter(row -> row % RandomHistory.SESSIONS == session)
                .toList();
    }

    /** A number that the session does not have in a column now; it often had it before. */
    String freeId(ModelColumn column, int session, Random random) {
        Set<Integer> used = rowsOf(session).stream()
                .map(row -> Integer.valueOf(rows.get(row).get(column.number())))
                .collect(Collectors.toSet());
        int id = random.nextInt(12) * RandomHistory.SESSIONS + session;
        while (used.contains(id)) {
            id += RandomHistory.SESSIONS;
        }
        return String.valueOf(id);
    }

    /** All rows, each as its columns' texts. */
    List<List<String>> texts() {
        return texts(rows.values());
    }

    /** The texts of rows of this table. */
    List<List<String>> texts(Collection<Map<Integer, String>> some) {
        List<List<String>> texts = new ArrayList<>();
        for (Map<Integer, String> row : some) {
            texts.add(columns.stream().map(column -> row.get(column.number())).collect(Collectors.toList()));
        }
        return texts;
    }

    /** Selects what {@link #texts} gives. */
    String select(String schema) {
        return columns.stream().map(column -> column.name() + "::text").collect(Collectors.joining(", ", "SELECT ", ""))
                + " FROM " + schema + "." + name;
    }
}
