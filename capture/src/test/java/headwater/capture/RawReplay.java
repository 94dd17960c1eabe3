package headwater.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.capture.ModelTransaction.Event;
import headwater.capture.SourceModel.Committed;
import headwater.lake.contract.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a reader makes of raw/changes and nothing else: the rows of each table, from its changes in the order of
 * (commit_lsn, tx_order). The stream never tells of DDL, so columns are known by the model: under any name they ever had,
 * in their present type, and with their default where the row is older than the column.
 */
final class RawReplay {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, ModelTable> tables = new LinkedHashMap<>();
    private final Map<String, Map<String, Map<Integer, String>>> rows = new HashMap<>();
    private final Map<String, List<Map<Integer, String>>> keyless = new HashMap<>();
    /** The row that was deleted last, by its key: a key update deletes the old key before it names it. */
    private final Map<String, Map<Integer, String>> deleted = new HashMap<>();

    /**
     * Replays changes, which must fit to each other.
     *
     * @param tables as they are after the last of the changes
     */
    RawReplay(List<ModelTable> tables, List<Map<String, Object>> changes) {
        for (ModelTable table : tables) {
            this.tables.put(table.name(), table);
            rows.put(table.name(), new HashMap<>());
            keyless.put(table.name(), new ArrayList<>());
        }
        changes.stream()
                .filter(change -> operation(change) != Operation.MESSAGE)
                .forEach(this::replay);
    }

    private void replay(Map<String, Object> change) {
        try {
            assertThat(apply(change)).isTrue();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("does not fit to the changes before it: " + change, e);
        }
    }

    /** The rows of a table, each as the texts of its columns. */
    List<List<String>> texts(ModelTable table) {
        return table.texts(table.keyed() ? rows.get(table.name()).values() : keyless.get(table.name()));
    }

    /** The transactions in the order of their commits; each has one commit LSN, and its changes are numbered from 1. */
    static List<Committed> transactions(List<Map<String, Object>> changes) {
        List<Committed> transactions = new ArrayList<>();
        int first = 0;
        for (int end = 1; end <= changes.size(); end++) {
            if (end == changes.size()
                    || !changes.get(end)
                            .get("commit_lsn")
                            .equals(changes.get(first).get("commit_lsn"))) {
                transactions.add(transaction(changes.subList(first, end)));
                first = end;
            }
        }
        return transactions;
    }

    private static Committed transaction(List<Map<String, Object>> changes) {
        List<Event> events = new ArrayList<>();
        List<String> messages = new ArrayList<>();
        Object txId = changes.get(0).get("tx_id");
        for (Map<String, Object> change : changes) {
            events.add(new Event(operation(change), change.get("old_key") != null));
            assertThat(change).containsEntry("tx_id", txId).containsEntry("tx_order", (long) events.size());
            if (operation(change) == Operation.MESSAGE) {
                messages.add((String) change.get("message"));
            }
        }
        return Committed.of((Long) txId, events, messages);
    }

    private boolean apply(Map<String, Object> change) {
        ModelTable table = tables.get((String) change.get("source_table"));
        return switch (operation(change)) {
            case TRUNCATE -> truncate(table);
            case CREATE -> create(table, change);
            case UPDATE -> update(table, change);
            case DELETE -> delete(table, change);
            case MESSAGE -> throw new IllegalArgumentException();
        };
    }

    private boolean truncate(ModelTable table) {
        rows.get(table.name()).clear();
        keyless.get(table.name()).clear();
        return true;
    }

    private boolean create(ModelTable table, Map<String, Object> change) {
        Map<Integer, String> row =
                row(table, change, change.get("old_key") == null ? null : deleted.get(key(table, change, "old_key")));
        return table.keyed()
                ? rows.get(table.name()).put(key(table, change, "key"), row) == null
                : keyless.get(table.name()).add(row);
    }

    private boolean update(ModelTable table, Map<String, Object> change) {
        Map<Integer, String> before = remove(table, change);
        Map<Integer, String> row = row(table, change, before);
        if (table.keyed()) {
            rows.get(table.name()).put(key(table, change, "key"), row);
        } else {
            keyless.get(table.name()).add(row);
        }
        return before != null;
    }

    private boolean delete(ModelTable table, Map<String, Object> change) {
        deleted.clear();
        Map<Integer, String> row = remove(table, change);
        if (table.keyed()) {
            deleted.put(key(table, change, "key"), row);
        }
        return row != null;
    }

    /** The row that a change found, or null where there is none or it is another one. */
    private Map<Integer, String> remove(ModelTable table, Map<String, Object> change) {
        Map<Integer, String> before =
                change.get("before") == null ? null : image(table, json((String) change.get("before")));
        if (table.full() != (before != null)) {
            return null;
        }
        if (!table.keyed()) {
            return keyless.get(table.name()).remove(before) ? before : null;
        }
        Map<Integer, String> row = rows.get(table.name()).remove(key(table, change, "key"));
        return before == null || before.equals(row) ? row : null;
    }

    /** The row after a change. */
    private Map<Integer, String> row(ModelTable table, Map<String, Object> change, Map<Integer, String> before) {
        Map<Integer, String> row = image(table, json((String) change.get("after")));
        for (String name : names((String) change.get("unchanged"))) {
            Objects.requireNonNull(before, () -> "no row to take " + name + " from: " + change);
            row.put(table.number(name), before.get(table.number(name)));
        }
        row.keySet().retainAll(table.columns().stream().map(ModelColumn::number).toList());
        return row;
    }

    private static Map<Integer, String> image(ModelTable table, Map<String, String> values) {
        Map<Integer, String> byNumber = new HashMap<>();
        values.forEach((name, value) -> byNumber.put(table.number(name), value));
        Map<Integer, String> row = new HashMap<>();
        for (ModelColumn column : table.columns()) {
            row.put(column.number(), column.type().text(byNumber.getOrDefault(column.number(), column.missing())));
        }
        return row;
    }

    /** The values of the key, under the present names of its columns. */
    private static String key(ModelTable table, Map<String, Object> change, String which) {
        Map<Integer, String> key = new HashMap<>();
        json((String) change.get(which)).forEach((name, value) -> key.put(table.number(name), value));
        assertThat(key.keySet())
                .as("%s of %s", which, change)
                .allMatch(number ->
                        table.columns().stream().anyMatch(column -> column.number() == number && table.isKey(column)));
        return key.toString();
    }

    private static Operation operation(Map<String, Object> change) {
        return Operation.of((String) change.get("op"));
    }

    private static Map<String, String> json(String text) {
        try {
            return JSON.readValue(text, new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static List<String> names(String text) {
        try {
            return text == null ? List.of() : JSON.readValue(text, new TypeReference<List<String>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
