package headwater.capture;

import static headwater.capture.ModelType.BIG_BYTES;
import static headwater.capture.ModelType.BIG_JSON;
import static headwater.capture.ModelType.BIG_TEXT;
import static headwater.capture.ModelType.ID;
import static headwater.capture.ModelType.INT;
import static headwater.capture.ModelType.NUMERIC;
import static headwater.capture.ModelType.OWNER;
import static headwater.capture.ModelType.PARENT;
import static headwater.capture.ModelType.REGION;
import static headwater.capture.ModelType.VARCHAR;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A table of a {@link RandomHistory}: a kind of key and replica identity each.
 *
 * @param full whether it is under REPLICA IDENTITY FULL
 * @param key names of the columns of its identity
 * @param create what CREATE TABLE says behind the columns
 * @param further statements that follow
 */
record HistoryTable(
        String name, boolean full, Set<String> key, List<ModelColumn> columns, String create, List<String> further) {
    static final HistoryTable PLAIN = of("plain", "id", "n", INT, "v", VARCHAR, "amount", NUMERIC);

    static final HistoryTable TOASTED =
            of("toasted", "id", "v", VARCHAR, "big", BIG_TEXT, "doc", BIG_JSON, "bytes", BIG_BYTES);

    static final HistoryTable PARENTS = of("parents", "id", "v", VARCHAR);

    static final HistoryTable CHILDREN = new HistoryTable(
            "children",
            false,
            Set.of("id"),
            columns(Set.of("id"), "id", ID, "parent", PARENT, "v", VARCHAR, "big", BIG_TEXT),
            ", PRIMARY KEY (id), FOREIGN KEY (parent) REFERENCES $.parents ON DELETE CASCADE ON UPDATE CASCADE)",
            List.of());

    static final HistoryTable PARTED = new HistoryTable(
            "parted",
            false,
            Set.of("id", "region"),
            columns(Set.of("id", "region"), "id", ID, "region", REGION, "v", VARCHAR, "big", BIG_TEXT),
            ", PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
            List.of(
                    "CREATE TABLE $.parted_ab PARTITION OF $.parted FOR VALUES IN ('a', 'b')",
                    "CREATE TABLE $.parted_c PARTITION OF $.parted FOR VALUES IN ('c')",
                    "CREATE TABLE $.parted_rest PARTITION OF $.parted DEFAULT"));

    static final HistoryTable KEYLESS = new HistoryTable(
            "keyless",
            true,
            Set.of(),
            columns(Set.of(), "owner", OWNER, "n", INT, "v", VARCHAR, "big", BIG_TEXT),
            ")",
            List.of("ALTER TABLE $.keyless REPLICA IDENTITY FULL"));

    static final HistoryTable WHOLE = new HistoryTable(
            "whole",
            true,
            Set.of("id"),
            columns(Set.of("id", "n"), "id", ID, "n", INT, "v", VARCHAR, "big", BIG_TEXT),
            ", PRIMARY KEY (id))",
            List.of("ALTER TABLE $.whole REPLICA IDENTITY FULL"));

    static final HistoryTable INDEXED = new HistoryTable(
            "indexed",
            false,
            Set.of("x", "y"),
            columns(Set.of("id", "x", "y"), "id", ID, "x", ID, "y", ID, "v", VARCHAR, "n", INT, "big", BIG_TEXT),
            ", PRIMARY KEY (id))",
            List.of(
                    "CREATE UNIQUE INDEX indexed_yx ON $.indexed (y, x)",
                    "ALTER TABLE $.indexed REPLICA IDENTITY USING INDEX indexed_yx"));

    /** Made while the history runs. */
    static final HistoryTable LATE = of("late", "id", "n", INT, "v", VARCHAR, "big", BIG_TEXT);

    /** What is there when the history begins. */
    static final List<HistoryTable> FIRST = List.of(PLAIN, TOASTED, PARENTS, CHILDREN, PARTED, KEYLESS, WHOLE, INDEXED);

    ModelTable model() {
        return ModelTable.of(name, full, key, columns);
    }

    /** The statements that make it. */
    List<String> ddl() {
        List<String> ddl = new ArrayList<>();
        ddl.add("CREATE TABLE $." + name + " ("
                + String.join(", ", columns.stream().map(ModelColumn::ddl).toList()) + create);
        ddl.addAll(further);
        columns.stream()
                .filter(column -> column.type().big())
                .forEach(column ->
                        ddl.add("ALTER TABLE $." + name + " ALTER " + column.name() + " SET STORAGE EXTERNAL"));
        return ddl;
    }

    /** With a primary key of one column. */
    private static HistoryTable of(String name, String key, Object... others) {
        List<ModelColumn> columns = new ArrayList<>(columns(Set.of(key), key, ID));
        for (ModelColumn column : columns(Set.of(), others)) {
            columns.add(new ModelColumn(columns.size(), column.name(), column.type(), false, null));
        }
        return new HistoryTable(name, false, Set.of(key), columns, ", PRIMARY KEY (" + key + "))", List.of());
    }

    /** @param namesAndTypes by turns */
    private static List<ModelColumn> columns(Set<String> required, Object... namesAndTypes) {
        List<ModelColumn> columns = new ArrayList<>();
        for (int at = 0; at < namesAndTypes.length; at += 2) {
            String name = (String) namesAndTypes[at];
            columns.add(new ModelColumn(
                    columns.size(), name, (ModelType) namesAndTypes[at + 1], required.contains(name), null));
        }
        return columns;
    }
}
