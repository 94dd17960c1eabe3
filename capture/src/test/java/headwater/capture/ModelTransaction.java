package headwater.capture;

import headwater.lake.contract.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An open transaction on a {@link SourceModel}. It changes the model's tables at once and knows how to undo it; no other
 * open transaction changes the same rows.
 */
final class ModelTransaction {
    /**
     * A row of raw/changes.
     *
     * @param namesOldKey as the second of the two rows of a key update
     */
    record Event(Operation operation, boolean namesOldKey) {}

    /** A moment to which the transaction can be rolled back. */
    record Mark(int undos, int events, int messages) {}

    private interface Undo {
        void apply(Map<String, ModelTable> tables);
    }

    private final long id;
    private final int committedAtBegin;
    private final Map<String, ModelTable> tables;
    private final List<Undo> undos = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final Set<String> used = new HashSet<>();
    private final Set<String> alone = new HashSet<>();

    /**
     * @param id PostgreSQL's number of the transaction
     * @param committedAtBegin how many transactions were committed when it began
     */
    ModelTransaction(long id, int committedAtBegin, Map<String, ModelTable> tables) {
        this.id = id;
        this.committedAtBegin = committedAtBegin;
        this.tables = tables;
    }

    long id() {
        return id;
    }

    int committedAtBegin() {
        return committedAtBegin;
    }

    /** The transaction takes a lock on a table that others may share. */
    void use(String table) {
        used.add(table);
    }

    /** The transaction takes a lock on a table that nobody may share. */
    void useAlone(String table) {
        used.add(table);
        alone.add(table);
    }

    Set<String> used() {
        return used;
    }

    Set<String> alone() {
        return alone;
    }

    /** Sets or, with null, removes a row. */
    void put(ModelTable table, long row, Map<Integer, String> values) {
        String name = table.name();
        Map<Integer, String> before = table.put(row, values);
        undos.add(all -> all.get(name).put(row, before));
    }

    void columns(ModelTable table, List<ModelColumn> columns) {
        String name = table.name();
        List<ModelColumn> before = table.columns();
        table.columns(columns);
        undos.add(all -> all.get(name).columns(before));
    }

    void event(Operation operation) {
        events.add(new Event(operation, false));
    }

    /** A row has another key now. */
    void keyUpdate() {
        event(Operation.DELETE);
        events.add(new Event(Operation.CREATE, true));
    }

    /** @param message as in raw/changes */
    void message(String message) {
        event(Operation.MESSAGE);
        messages.add(message);
    }

    List<Event> events() {
        return events;
    }

    List<String> messages() {
        return messages;
    }

    Mark mark() {
        return new Mark(undos.size(), events.size(), messages.size());
    }

    void rollBackTo(Mark mark) {
        undo(tables, mark.undos());
        cut(undos, mark.undos());
        cut(events, mark.events());
        cut(messages, mark.messages());
    }

    void rollBack() {
        rollBackTo(new Mark(0, 0, 0));
    }

    /** Takes the changes of this transaction out of a copy of the tables. */
    void undoIn(Map<String, ModelTable> copy) {
        undo(copy, 0);
    }

    private void undo(Map<String, ModelTable> all, int to) {
        for (int undo = undos.size() - 1; undo >= to; undo--) {
            undos.get(undo).apply(all);
        }
    }

    private static void cut(List<?> list, int to) {
        list.subList(to, list.size()).clear();
    }
}
