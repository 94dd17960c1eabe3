package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.publish.mart.RowKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangedRowsTest {
    private static final int[] KEY = {0};

    private record Change(long version, boolean deletion, Object[] row) {}

    @Test
    void deletionAfterInsertInTheRangeStaysADeletion() {
        ChangedRows rows = ChangedRows.upTo(10, KEY);

        rows.row(1, new Object[] {7, "a"});
        rows.deletion(2, new Object[] {7, "a"});

        assertThat(rows.upserts()).isEmpty();
        assertThat(rows.deletions()).containsExactly(new RowKey(List.of(7)));
    }

    @Test
    void replacementWithinOneVersionIsAnUpsertInEitherOrder() {
        for (boolean deletionFirst : new boolean[] {true, false}) {
            ChangedRows rows = ChangedRows.upTo(10, KEY);
            if (deletionFirst) {
                rows.deletion(1, new Object[] {7, "a"});
            }
            rows.row(1, new Object[] {7, "b"});
            if (!deletionFirst) {
                rows.deletion(1, new Object[] {7, "a"});
            }

            assertThat(rows.upserts()).containsExactly(new Object[] {7, "b"});
            assertThat(rows.deletions()).isEmpty();
        }
    }

    @Test
    void oneKeyMoreThanTheLimitIsFull() {
        ChangedRows rows = ChangedRows.upTo(2, KEY);

        rows.row(1, new Object[] {1});
        rows.row(1, new Object[] {2});
        rows.row(2, new Object[] {2});
        assertThat(rows.full()).isFalse();

        rows.deletion(2, new Object[] {3});
        assertThat(rows.full()).isTrue();
    }

    @Test
    void slicesHoldEachKeyOnce() {
        int rows = 0;
        for (int slice = 0; slice < 3; slice++) {
            ChangedRows part = ChangedRows.ofSlice(slice, 3, 1000, KEY);
            for (int key = -50; key < 50; key++) {
                part.row(1, new Object[] {key});
            }
            rows += part.size();
        }
        assertThat(rows).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void changesInAnyOrderLeadToTheFinalState(long seed) {
        Random random = new Random(seed);
        Map<Integer, Object[]> before = new TreeMap<>();
        for (int key = 0; key < 20; key++) {
            before.put(key, new Object[] {key, "old"});
        }
        Map<Integer, Object[]> state = new TreeMap<>(before);
        List<Change> changes = new ArrayList<>();
        for (int version = 1; version <= 30; version++) {
            for (int key : random.ints(5, 0, 40).distinct().toArray()) {
                Object[] old = state.remove(key);
                if (old != null) {
                    changes.add(new Change(version, true, old));
                }
                if (old == null || random.nextBoolean()) {
                    Object[] row = {key, "v" + version};
                    state.put(key, row);
                    changes.add(new Change(version, false, row));
                }
            }
        }
        Collections.shuffle(changes, random);
        ChangedRows net = ChangedRows.upTo(1000, KEY);
        changes.forEach(change -> {
            if (change.deletion()) {
                net.deletion(change.version(), change.row());
            } else {
                net.row(change.version(), change.row());
            }
        });

        net.upserts().forEach(row -> before.put((Integer) row[0], row));
        net.deletions().forEach(key -> before.remove(key.values().get(0)));

        assertThat(before).as("seed %d", seed).containsExactlyEntriesOf(state);
        assertThat(net.deletions()).isSorted();
    }
}
