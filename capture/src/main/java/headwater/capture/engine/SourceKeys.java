package headwater.capture.engine;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The key columns of the captured tables, under today's names and under those of changes that are still to come: Debezium
 * asks the catalog for the key, which knows nothing of a rename that the stream has not reached.
 */
public final class SourceKeys {
    /**
     * What the catalog says of a table now.
     *
     * @param key columns of its replica identity or primary key; empty for a table without one
     */
    public record Now(List<String> key, List<String> columns) {}

    private final Map<SourceTable, Now> now;
    private final Map<SourceTable, Set<String>> before;
    private final Map<SourceTable, Schema> whole = new HashMap<>();

    /** @param before the key columns of all schemas of a table that raw/schemas holds */
    public SourceKeys(Map<SourceTable, Now> now, Map<SourceTable, Set<String>> before) {
        this.now = now;
        this.before = before;
    }

    /** For each table with a key the columns that make it up: those that a change has of them. */
    public Map<SourceTable, List<String>> columns() {
        Map<SourceTable, List<String>> columns = new HashMap<>();
        now.forEach((table, catalog) -> {
            if (!catalog.key().isEmpty()) {
                columns.put(table, columns(table, catalog));
            }
        });
        return columns;
    }

    /**
     * @param key as Debezium made it, or null
     * @throws Failure RETRY if it is not the whole key of the table, or has no value for a column of it
     */
    void check(SourceTable table, @Nullable Struct key) {
        Now catalog = now.get(table);
        if (catalog == null || catalog.key().isEmpty()) {
            return;
        }
        if (key == null || !isWhole(table, catalog, key.schema()) || RowJson.hasNull(key)) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot capture a change of " + table + ": it was made under another key than "
                            + catalog.key()
                            + ", which the table has had at the start of capture. If this stays so, give the key its"
                            + " former columns and names until capture has passed the change.");
        }
    }

    /** Debezium makes a new schema where a key may have changed, and one serves many changes. */
    private boolean isWhole(SourceTable table, Now catalog, Schema key) {
        if (whole.get(table) == key) {
            return true;
        }
        List<String> names = key.fields().stream().map(Field::name).toList();
        if (names.size() != catalog.key().size() || !columns(table, catalog).containsAll(names)) {
            return false;
        }
        whole.put(table, key);
        return true;
    }

    /** A name that a column has now is no earlier name of another. */
    private List<String> columns(SourceTable table, Now catalog) {
        List<String> columns = new ArrayList<>(catalog.key());
        before.getOrDefault(table, Set.of()).stream()
                .filter(column -> !catalog.columns().contains(column))
                .forEach(columns::add);
        return columns;
    }
}
