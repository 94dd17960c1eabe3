package headwater.capture.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.capture.TestingChanges;
import headwater.capture.raw.ChangeBatch.Committed;
import headwater.lake.contract.Lsn;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeBatchTest {

    @Test
    void onlyWholeTransactionsAreRead() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            TestingChanges.transaction(batch, 200, 2);
            batch.begin();
            batch.add(TestingChanges.change(1, "{}"));

            assertThat(read(batch)).extracting(Committed::commitLsn).containsExactly(200L, 200L);
            assertThat(batch.rows()).isEqualTo(2);

            try (ChangeBatch taken = batch.take()) {
                assertThat(read(taken)).extracting(Committed::commitLsn).containsExactly(200L, 200L);
                assertThat(taken.from()).isEqualTo(new Lsn(100));
                assertThat(taken.position()).isEqualTo(new Lsn(200));
            }
            assertThat(batch.moved()).isFalse();
            assertThat(batch.bytes()).isZero();
            batch.end(new Lsn(300), 0, 1);
            assertThat(read(batch)).extracting(Committed::commitLsn).containsExactly(300L);
            assertThat(batch.from()).isEqualTo(new Lsn(200));
            assertThat(batch.position()).isEqualTo(new Lsn(300));
        }
    }

    @Test
    void aTransactionThatIsInRawAlreadyIsDropped() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            TestingChanges.transaction(batch, 100, 3);

            assertThat(batch.moved()).isFalse();
            assertThat(read(batch)).isEmpty();
        }
    }

    @Test
    void aTransactionCutShortByANewBeginIsDropped() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            batch.begin();
            batch.add(TestingChanges.change(1, "{\"v\":\"cut\"}"));
            TestingChanges.transaction(batch, 200, 1);

            assertThat(read(batch)).extracting(row -> row.change().after()).containsExactly("{\"v\":\"200\"}");
        }
    }

    @Test
    void aTransactionWithoutRowsMovesThePosition() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            batch.begin();
            batch.add((RawChange) null);
            batch.end(new Lsn(200), 0, 1);

            assertThat(batch.rows()).isZero();
            assertThat(batch.moved()).isTrue();
        }
    }

    @Test
    void aTransactionThatLacksEventsIsRefused() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 1 << 20)) {
            batch.begin();
            batch.add(TestingChanges.change(1, "{}"));

            assertThatThrownBy(() -> batch.end(new Lsn(200), 0, 2))
                    .hasMessageContaining("the transaction that ends at 0/C8: 1 of its 2 events arrived");
        }
    }

    @Test
    void changesThatWentToDiskComeBackInTheirOrder() {
        try (ChangeBatch batch = new ChangeBatch(new Lsn(100), 10_000)) {
            TestingChanges.transaction(batch, 200, 2);
            TestingChanges.transaction(batch, 300, 500);
            TestingChanges.transaction(batch, 400, 2);

            List<Committed> rows = read(batch);

            assertThat(rows).hasSize(504);
            assertThat(batch.rows()).isEqualTo(504);
            for (int order = 1; order <= 500; order++) {
                assertThat(rows.get(order + 1))
                        .isEqualTo(new Committed(300, TestingChanges.change(order, "{\"v\":\"300\"}")));
            }
            assertThat(rows.get(503).commitLsn()).isEqualTo(400);
        }
    }

    private static List<Committed> read(ChangeBatch batch) {
        List<Committed> rows = new ArrayList<>();
        batch.changes().forEachRemaining(rows::add);
        return rows;
    }
}
