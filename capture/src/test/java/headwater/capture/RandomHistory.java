package headwater.capture;

import static headwater.lake.contract.Operation.CREATE;
import static headwater.lake.contract.Operation.DELETE;
import static headwater.lake.contract.Operation.TRUNCATE;
import static headwater.lake.contract.Operation.UPDATE;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Statements of several sessions, interleaved by a seed in one thread. Each session changes rows of its own, and what
 * takes a whole table waits until no other transaction uses it, so no statement ever blocks.
 */
final class RandomHistory implements AutoCloseable {
    static final int SESSIONS = 3;

    private static final int MOST_ROWS = 12;
    private static final int HUGE = 260;
    private static final String PADDING = "x".repeat(700);

    private interface Act {
        /** Returns false, having done nothing, where it does not apply now. */
        boolean attempt(HistorySession session) throws SQLException, IOException;
    }

    private final SourceModel model;
    private final Random random;
    private final HistoryCounts counts;
    private final List<HistorySession> sessions = new ArrayList<>();
    private final List<String> regions = new ArrayList<>(List.of("a", "b", "c", "d"));
    private final List<Act> acts = acts();

    private final Set<String> renamable = new HashSet<>();
    private long lastRow;

    RandomHistory(TestingSource source, SourceModel model, Random random, HistoryCounts counts) throws SQLException {
        this.model = model;
        this.random = random;
        this.counts = counts;
        for (int session = 0; session < SESSIONS; session++) {
            sessions.add(new HistorySession(session, source, model));
        }
    }

    /** Named as often as it is to happen. */
    private List<Act> acts() {
        return List.of(
                session -> insert(session, 1, HistoryKind.INSERT),
                session -> insert(session, 2 + random.nextInt(4), HistoryKind.MULTI_ROW_INSERT),
                session -> random.nextInt(8) == 0 && insert(session, HUGE, HistoryKind.HUGE_INSERT),
                this::copy,
                this::upsert,
                this::upsert,
                this::update,
                this::update,
                this::update,
                this::updateSeveral,
                this::updateKey,
                this::updateKey,
                this::move,
                this::delete,
                this::delete,
                this::truncate,
                this::message,
                session -> random.nextInt(3) == 0 && addColumn(session),
                session -> random.nextInt(3) == 0 && dropColumn(session),
                session -> random.nextInt(3) == 0 && renameColumn(session),
                session -> random.nextInt(3) == 0 && changeType(session),
                this::fail,
                this::savepoint,
                this::savepoint);
    }

    /** Whether a transaction keeps everybody else from a table. */
    boolean holdsTableAlone() {
        return model.open().stream()
                .anyMatch(transaction -> !transaction.alone().isEmpty());
    }

    /**
     * All is captured. Capture can follow one rename of a key column of a table whose changes it has seen: the source
     * knows only the last name, and the lake only the first.
     *
     * @param changed the tables that had changes
     */
    void captured(Set<String> changed) {
        renamable.clear();
        renamable.addAll(changed);
    }

    /** One statement, or the begin or end of a transaction. */
    void step() throws SQLException, IOException {
        HistorySession session = any(sessions);
        if (session.transaction() == null) {
            session.begin();
            if (random.nextInt(10) == 0) {
                addPartition(session);
            }
        } else if (session.prepared() || random.nextInt(6) == 0) {
            end(session);
        } else {
            while (!any(acts).attempt(session)) {}
        }
    }

    /** Ends every transaction. */
    void finish() throws SQLException {
        for (HistorySession session : sessions) {
            while (session.transaction() != null) {
                end(session);
            }
        }
    }

    private void end(HistorySession session) throws SQLException {
        ModelTransaction transaction = session.transaction();
        boolean prepared = session.prepared();
        if (random.nextInt(4) == 0) {
            session.rollBack();
            counts.add(prepared ? HistoryKind.ROLLBACK_PREPARED : HistoryKind.ROLLBACK);
        } else if (!prepared && random.nextInt(4) == 0) {
            session.prepare();
        } else {
            boolean overtaken = session.commit();
            counts.add(prepared ? HistoryKind.COMMIT_PREPARED : HistoryKind.COMMIT);
            if (overtaken && !transaction.events().isEmpty()) {
                counts.add(HistoryKind.COMMIT_AFTER_LATER_ONES);
            }
            if (transaction.used().size() > 1) {
                counts.add(HistoryKind.COMMIT_OF_SEVERAL_TABLES);
            }
        }
    }

    private boolean savepoint(HistorySession session) throws SQLException {
        if (!session.hasSavepoint() || random.nextInt(3) == 0) {
            session.setSavepoint();
        } else if (random.nextInt(3) > 0) {
            session.rollBackToSavepoint();
            counts.add(HistoryKind.ROLLBACK_TO_SAVEPOINT);
        } else {
            session.releaseSavepoint();
            counts.add(HistoryKind.RELEASE_SAVEPOINT);
        }
        return true;
    }

    private boolean insert(HistorySession session, int count, HistoryKind kind) throws SQLException {
        ModelTable table = any(model.tables());
        boolean huge = kind == HistoryKind.HUGE_INSERT;
        if ((huge && table.columns(ModelType.BIG_TEXT).isEmpty()) || !mayAdd(session, table)) {
            return false;
        }
        List<Map<Integer, String>> rows = add(session, table, count, huge);
        session.execute(insert(table, rows));
        counts.add(kind);
        return true;
    }

    private boolean copy(HistorySession session) throws SQLException, IOException {
        ModelTable table = any(model.tables());
        if (!mayAdd(session, table)) {
            return false;
        }
        List<Map<Integer, String>> rows = add(session, table, 1 + random.nextInt(6), false);
        session.copy(
                "COPY $." + table.name() + " (" + names(table) + ") FROM STDIN (FORMAT csv)",
                table.texts(rows).stream().map(RandomHistory::csv).collect(Collectors.joining()));
        counts.add(HistoryKind.COPY);
        return true;
    }

    private boolean upsert(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> present = table.rowsOf(session.number());
        List<ModelColumn> ordinary = table.ordinary();
        // ON CONFLICT needs a unique index on the id alone
        if (!hasId(table) || present.isEmpty() || ordinary.isEmpty() || !mayAdd(session, table)) {
            return false;
        }
        List<Map<Integer, String>> rows = add(session, table, 1, false);
        Map<Integer, String> other = values(session, table);
        long conflicting = any(present);
        ModelColumn id = table.columns(ModelType.ID).get(0);
        other.put(id.number(), table.rows().get(conflicting).get(id.number()));
        ModelColumn set = any(ordinary);
        rows.add(other);
        session.execute(insert(table, rows) + " ON CONFLICT (" + id.name() + ") DO UPDATE SET " + set.name()
                + " = excluded." + set.name());
        change(session, table, conflicting, one(set, other.get(set.number())));
        session.transaction().event(UPDATE);
        counts.add(HistoryKind.UPSERT);
        return true;
    }

    private boolean update(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> rows = table.rowsOf(session.number());
        List<ModelColumn> columns = new ArrayList<>(table.ordinary());
        table.columns(ModelType.ID).stream()
                .filter(column -> !table.isKey(column))
                .forEach(columns::add);
        if (rows.isEmpty() || columns.isEmpty() || !mayUse(session, table)) {
            return false;
        }
        long row = any(rows);
        ModelColumn column = any(columns);
        Map<Integer, String> values = one(
                column, column.type() == ModelType.ID ? table.freeId(column, session.number(), random) : value(column));
        if (!table.keyed()) {
            counts.add(HistoryKind.UPDATE_OF_A_DUPLICATE);
        }
        countToast(table, row, values, HistoryKind.UNCHANGED_TOAST);
        session.execute(update(table, values) + where(table, row));
        change(session, table, row, values);
        session.transaction().event(UPDATE);
        counts.add(HistoryKind.UPDATE);
        return true;
    }

    private boolean updateSeveral(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> rows = table.rowsOf(session.number());
        if (!hasId(table) || rows.size() < 2 || table.ordinary().isEmpty() || !mayUse(session, table)) {
            return false;
        }
        ModelColumn id = table.columns(ModelType.ID).get(0);
        ModelColumn column = any(table.ordinary());
        Map<Integer, String> values = one(column, value(column));
        session.execute(update(table, values) + " WHERE " + id.name() + " % " + SESSIONS + " = " + session.number());
        rows.forEach(row -> {
            change(session, table, row, values);
            session.transaction().event(UPDATE);
        });
        counts.add(HistoryKind.MULTI_ROW_UPDATE);
        return true;
    }

    private boolean updateKey(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> rows = table.rowsOf(session.number());
        List<ModelColumn> keys =
                table.columns(ModelType.ID).stream().filter(table::isKey).toList();
        if (rows.isEmpty() || keys.isEmpty() || !mayUse(session, table)) {
            return false;
        }
        long row = any(rows);
        ModelColumn key = any(keys);
        Map<Integer, String> values = one(key, table.freeId(key, session.number(), random));
        countToast(table, row, values, HistoryKind.UNCHANGED_TOAST_OVER_KEY_UPDATE);
        session.execute(update(table, values) + where(table, row));
        session.transaction().keyUpdate();
        for (long child : childrenOf(session, table, row)) {
            change(session, children(), child, one(parent(), values.get(key.number())));
            session.transaction().event(UPDATE);
            counts.add(HistoryKind.CASCADED_KEY_UPDATE);
        }
        change(session, table, row, values);
        counts.add(HistoryKind.KEY_UPDATE);
        return true;
    }

    private boolean move(HistorySession session) throws SQLException {
        ModelTable table = model.table(HistoryTable.PARTED.name());
        List<Long> rows = table.rowsOf(session.number());
        if (rows.isEmpty() || !mayUse(session, table)) {
            return false;
        }
        long row = any(rows);
        ModelColumn region = table.columns(ModelType.REGION).get(0);
        String from = table.rows().get(row).get(region.number());
        String to = any(regions);
        if (from.equals(to)) {
            return false;
        }
        Map<Integer, String> values = one(region, to);
        session.execute(update(table, values) + where(table, row));
        change(session, table, row, values);
        if (Set.of("a", "b").equals(Set.of(from, to))) {
            session.transaction().keyUpdate();
            counts.add(HistoryKind.KEY_UPDATE);
        } else {
            session.transaction().event(DELETE);
            session.transaction().event(CREATE);
            counts.add(HistoryKind.PARTITION_MOVE);
        }
        return true;
    }

    private boolean delete(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> rows = table.rowsOf(session.number());
        if (rows.isEmpty() || !mayUse(session, table)) {
            return false;
        }
        if (!table.keyed()) {
            counts.add(HistoryKind.DELETE_OF_A_DUPLICATE);
        }
        // often enough that tables stay small
        int count = rows.size() > MOST_ROWS ? rows.size() / 2 : 1;
        for (long row : rows.subList(0, count)) {
            session.execute("DELETE FROM $." + table.name() + where(table, row));
            for (long child : childrenOf(session, table, row)) {
                session.transaction().put(children(), child, null);
                session.transaction().event(DELETE);
                counts.add(HistoryKind.CASCADED_DELETE);
            }
            session.transaction().put(table, row, null);
            session.transaction().event(DELETE);
            counts.add(HistoryKind.DELETE);
        }
        return true;
    }

    private boolean truncate(HistorySession session) throws SQLException {
        if (random.nextInt(4) > 0) {
            return false;
        }
        ModelTable table = any(model.tables());
        Set<ModelTable> tables = new HashSet<>(Set.of(table));
        if (random.nextBoolean()) {
            tables.add(any(model.tables()));
        }
        boolean cascade = tables.contains(parents()) && !tables.contains(children());
        String list = tables.stream().map(each -> "$." + each.name()).collect(Collectors.joining(", "));
        if (cascade) {
            tables.add(children());
        }
        if (!mayUseAlone(session, tables)) {
            return false;
        }
        session.execute("TRUNCATE " + list + (cascade ? " CASCADE" : ""));
        for (ModelTable each : tables) {
            List.copyOf(each.rows().keySet())
                    .forEach(row -> session.transaction().put(each, row, null));
            session.transaction().event(TRUNCATE);
        }
        counts.add(
                cascade
                        ? HistoryKind.TRUNCATE_CASCADE
                        : tables.size() > 1 ? HistoryKind.TRUNCATE_OF_SEVERAL : HistoryKind.TRUNCATE);
        return true;
    }

    private boolean message(HistorySession session) throws SQLException {
        boolean transactional = random.nextBoolean();
        String content = "m" + random.nextInt(1000);
        session.execute("SELECT pg_logical_emit_message(" + transactional + ", 'history', '" + content + "')");
        if (transactional) {
            session.transaction().message("{\"prefix\":\"history\",\"content\":\"" + content + "\"}");
        }
        counts.add(transactional ? HistoryKind.MESSAGE : HistoryKind.MESSAGE_OUTSIDE_TRANSACTION);
        return true;
    }

    private boolean addColumn(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        if (table.columns().size() > 9 || !mayUseAlone(session, table)) {
            return false;
        }
        ModelType type = any(List.of(ModelType.INT, ModelType.NUMERIC, ModelType.VARCHAR, ModelType.TEXT));
        boolean withDefault = random.nextBoolean();
        ModelColumn column = new ModelColumn(
                table.next(),
                "c" + table.next(),
                type,
                withDefault && random.nextBoolean(),
                withDefault ? type.value(random) : null);
        session.execute("ALTER TABLE $." + table.name() + " ADD COLUMN " + column.ddl()
                + (withDefault ? " DEFAULT " + literal(column.missing()) : ""));
        List<ModelColumn> columns = new ArrayList<>(table.columns());
        columns.add(column);
        session.transaction().columns(table, columns);
        List.copyOf(table.rows().keySet()).forEach(row -> change(session, table, row, one(column, column.missing())));
        counts.add(withDefault ? HistoryKind.ADD_COLUMN_WITH_DEFAULT : HistoryKind.ADD_COLUMN);
        return true;
    }

    private boolean dropColumn(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<ModelColumn> small =
                table.ordinary().stream().filter(column -> !column.type().big()).toList();
        if (small.size() < 2 || !mayUseAlone(session, table)) {
            return false;
        }
        ModelColumn column = any(small);
        session.execute("ALTER TABLE $." + table.name() + " DROP COLUMN " + column.name());
        session.transaction()
                .columns(
                        table,
                        table.columns().stream()
                                .filter(each -> !each.equals(column))
                                .toList());
        counts.add(HistoryKind.DROP_COLUMN);
        return true;
    }

    private boolean renameColumn(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        if (!mayUseAlone(session, table)) {
            return false;
        }
        ModelColumn column = any(table.columns());
        if (table.isKey(column) && !renamable.remove(table.name())) {
            return false;
        }
        ModelColumn renamed = column.renamed(column.name() + "r");
        session.execute("ALTER TABLE $." + table.name() + " RENAME COLUMN " + column.name() + " TO " + renamed.name());
        replace(session, table, column, renamed);
        counts.add(table.isKey(column) ? HistoryKind.RENAME_KEY_COLUMN : HistoryKind.RENAME_COLUMN);
        return true;
    }

    private boolean changeType(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        ModelColumn column = any(table.columns());
        ModelType wider = column.type().wider(random);
        if (wider == null || !mayUseAlone(session, table)) {
            return false;
        }
        session.execute("ALTER TABLE $." + table.name() + " ALTER COLUMN " + column.name() + " TYPE " + wider.sql());
        replace(session, table, column, column.retyped(wider));
        List.copyOf(table.rows().keySet()).forEach(row -> {
            String value = table.rows().get(row).get(column.number());
            change(session, table, row, one(column, wider.text(value)));
        });
        counts.add(HistoryKind.CHANGE_OF_TYPE);
        return true;
    }

    /** In a transaction of its own: only then it is sure for which regions there is a partition. */
    private void addPartition(HistorySession session) throws SQLException {
        if (mayUseAlone(session, model.table(HistoryTable.PARTED.name()))) {
            String region = "r" + regions.size();
            session.execute(
                    "CREATE TABLE $.parted_" + region + " PARTITION OF $.parted FOR VALUES IN ('" + region + "')");
            session.commit();
            regions.add(region);
            counts.add(HistoryKind.ADD_PARTITION);
        }
    }

    /** Its first row is already in the WAL when the second one is refused. */
    private boolean fail(HistorySession session) throws SQLException {
        ModelTable table = any(model.tables());
        List<Long> present = table.rowsOf(session.number());
        if (!hasId(table) || present.isEmpty() || !mayAdd(session, table)) {
            return false;
        }
        session.setSavepoint();
        List<Map<Integer, String>> rows = add(session, table, 1, false);
        rows.add(table.rows().get(any(present)));
        try {
            session.execute(insert(table, rows));
            throw new AssertionError("A second row of the same key was taken by " + table.name());
        } catch (SQLException e) {
            if (!"23505".equals(e.getSQLState())) {
                throw e;
            }
        }
        session.rollBackToSavepoint();
        counts.add(HistoryKind.FAILED_STATEMENT);
        return true;
    }

    private void replace(HistorySession session, ModelTable table, ModelColumn column, ModelColumn by) {
        session.transaction()
                .columns(
                        table,
                        table.columns().stream()
                                .map(each -> each.equals(column) ? by : each)
                                .toList());
    }

    private boolean mayAdd(HistorySession session, ModelTable table) {
        return table.rowsOf(session.number()).size() < MOST_ROWS && mayUse(session, table);
    }

    private boolean mayUse(HistorySession session, ModelTable table) {
        Set<String> tables = locked(table);
        boolean may = others(session).stream()
                .noneMatch(other -> other.alone().stream().anyMatch(tables::contains));
        if (may) {
            tables.forEach(session.transaction()::use);
        }
        return may;
    }

    private boolean mayUseAlone(HistorySession session, ModelTable table) {
        return mayUseAlone(session, Set.of(table));
    }

    private boolean mayUseAlone(HistorySession session, Set<ModelTable> tables) {
        boolean may = tables.stream()
                .map(ModelTable::name)
                .noneMatch(table ->
                        others(session).stream().anyMatch(other -> other.used().contains(table)));
        if (may) {
            tables.forEach(table -> session.transaction().useAlone(table.name()));
        }
        return may;
    }

    /** A change of a child looks at its parent, and one of a parent cascades. */
    private Set<String> locked(ModelTable table) {
        Set<String> family = Set.of(parents().name(), children().name());
        return family.contains(table.name()) ? family : Set.of(table.name());
    }

    private List<ModelTransaction> others(HistorySession session) {
        return model.open().stream()
                .filter(other -> other != session.transaction())
                .toList();
    }

    /** New rows of the session in the model. */
    private List<Map<Integer, String>> add(HistorySession session, ModelTable table, int count, boolean padded) {
        List<Map<Integer, String>> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            Map<Integer, String> values = values(session, table);
            if (padded) {
                table.columns(ModelType.BIG_TEXT).forEach(column -> values.put(column.number(), PADDING));
            }
            rows.add(values);
            lastRow++;
            session.transaction().put(table, lastRow * SESSIONS + session.number(), values);
            session.transaction().event(CREATE);
        }
        return rows;
    }

    private Map<Integer, String> values(HistorySession session, ModelTable table) {
        Map<Integer, String> values = new HashMap<>();
        for (ModelColumn column : table.columns()) {
            values.put(
                    column.number(),
                    switch (column.type()) {
                        case ID -> table.freeId(column, session.number(), random);
                        case OWNER -> String.valueOf(session.number());
                        case PARENT -> anyParent(session);
                        case REGION -> any(regions);
                        default -> value(column);
                    });
        }
        return values;
    }

    private String value(ModelColumn column) {
        return !column.required() && random.nextInt(5) == 0
                ? null
                : column.type().value(random);
    }

    private String anyParent(HistorySession session) {
        List<Long> rows = parents().rowsOf(session.number());
        return rows.isEmpty() || random.nextInt(4) == 0 ? null : idOf(parents(), any(rows));
    }

    private void change(HistorySession session, ModelTable table, long row, Map<Integer, String> values) {
        Map<Integer, String> changed = new HashMap<>(table.rows().get(row));
        changed.putAll(values);
        session.transaction().put(table, row, changed);
    }

    private List<Long> childrenOf(HistorySession session, ModelTable table, long row) {
        if (table != parents()) {
            return List.of();
        }
        String id = idOf(table, row);
        return children().rowsOf(session.number()).stream()
                .filter(child -> id.equals(children().rows().get(child).get(parent().number())))
                .toList();
    }

    private void countToast(ModelTable table, long row, Map<Integer, String> changed, HistoryKind kind) {
        boolean left = !table.full()
                && table.ordinary().stream()
                        .filter(column -> column.type().big() && !changed.containsKey(column.number()))
                        .map(column -> table.rows().get(row).get(column.number()))
                        .anyMatch(value -> value != null && value.length() > ModelType.TOASTED);
        if (left) {
            counts.add(kind);
        }
    }

    private ModelTable parents() {
        return model.table(HistoryTable.PARENTS.name());
    }

    private ModelTable children() {
        return model.table(HistoryTable.CHILDREN.name());
    }

    private ModelColumn parent() {
        return children().columns(ModelType.PARENT).get(0);
    }

    private static boolean hasId(ModelTable table) {
        return !table.columns(ModelType.ID).isEmpty()
                && table.columns(ModelType.REGION).isEmpty();
    }

    private static String idOf(ModelTable table, long row) {
        return table.rows().get(row).get(table.columns(ModelType.ID).get(0).number());
    }

    private static String insert(ModelTable table, List<Map<Integer, String>> rows) {
        return "INSERT INTO $." + table.name() + " (" + names(table) + ") VALUES "
                + table.texts(rows).stream()
                        .map(row ->
                                row.stream().map(RandomHistory::literal).collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", "));
    }

    private static String update(ModelTable table, Map<Integer, String> values) {
        return "UPDATE $." + table.name() + " SET "
                + table.columns().stream()
                        .filter(column -> values.containsKey(column.number()))
                        .map(column -> column.name() + " = " + literal(values.get(column.number())))
                        .collect(Collectors.joining(", "));
    }

    /** One row, also where others are equal to it. */
    private static String where(ModelTable table, long row) {
        if (table.keyed()) {
            return " WHERE " + table.columns(ModelType.ID).get(0).name() + " = " + idOf(table, row);
        }
        Map<Integer, String> values = table.rows().get(row);
        return " WHERE ctid = (SELECT ctid FROM $." + table.name() + " WHERE "
                + table.columns().stream()
                        .map(column ->
                                column.name() + "::text IS NOT DISTINCT FROM " + literal(values.get(column.number())))
                        .collect(Collectors.joining(" AND "))
                + " LIMIT 1)";
    }

    private static String names(ModelTable table) {
        return table.columns().stream().map(ModelColumn::name).collect(Collectors.joining(", "));
    }

    private static String literal(String value) {
        return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
    }

    private static String csv(List<String> row) {
        return row.stream()
                .map(value -> value == null ? "" : "\"" + value.replace("\"", "\"\"") + "\"")
                .collect(Collectors.joining(",", "", "\n"));
    }

    /** Without {@link Map#of}, since the value may be null. */
    private static Map<Integer, String> one(ModelColumn column, String value) {
        Map<Integer, String> values = new HashMap<>();
        values.put(column.number(), value);
        return values;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    @Override
    public void close() throws SQLException {
        for (HistorySession session : sessions) {
            session.close();
        }
    }
}
