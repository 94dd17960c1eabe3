package headwater.capture;

import headwater.capture.ModelTransaction.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The oracle: what the source holds and has committed, told by the history and never read from a server. */
final class SourceModel {
    /**
     * A committed transaction that left rows in raw/changes.
     *
     * @param rows how many of a kind
     * @param messages its logical messages, as in raw/changes
     */
    record Committed(long txId, Map<Event, Long> rows, List<String> messages) {

        static Committed of(long txId, List<Event> rows, List<String> messages) {
            return new Committed(
                    txId,
                    rows.stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting())),
                    List.copyOf(messages));
        }
    }

    private final Map<String, ModelTable> tables = new LinkedHashMap<>();
    private final List<ModelTransaction> open = new ArrayList<>();
    private final List<Committed> committed = new ArrayList<>();
    private int commits;

    void add(ModelTable table) {
        tables.put(table.name(), table);
    }

    ModelTable table(String name) {
        return tables.get(name);
    }

    /** As all sessions together see them. */
    List<ModelTable> tables() {
        return List.copyOf(tables.values());
    }

    ModelTransaction begin(long txId) {
        ModelTransaction transaction = new ModelTransaction(txId, commits, tables);
        open.add(transaction);
        return transaction;
    }

    /** Returns whether a transaction that began later was committed before. */
    boolean commit(ModelTransaction transaction) {
        open.remove(transaction);
        if (!transaction.events().isEmpty()) {
            committed.add(Committed.of(transaction.id(), transaction.events(), transaction.messages()));
        }
        boolean overtaken = commits > transaction.committedAtBegin();
        commits++;
        return overtaken;
    }

    void rollBack(ModelTransaction transaction) {
        transaction.rollBack();
        open.remove(transaction);
    }

    List<ModelTransaction> open() {
        return open;
    }

    /** The tables as committed transactions alone have left them. */
    List<ModelTable> committedTables() {
        Map<String, ModelTable> copy = new LinkedHashMap<>();
        tables.forEach((name, table) -> copy.put(name, table.copy()));
        open.forEach(transaction -> transaction.undoIn(copy));
        return List.copyOf(copy.values());
    }

    /** In the order of their commits. */
    List<Committed> committed() {
        return committed;
    }
}
