package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.cleanse.RawChanges;
import headwater.lake.contract.CommitId;
import headwater.lake.delta.TableLog;
import headwater.lake.process.Failure;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergePassTest {
    @TempDir
    Path folder;

    private Shop shop;

    @BeforeEach
    void anEmptyLake() {
        shop = Shop.in(folder);
    }

    @Test
    void lastChangeOfATransactionWinsAndAReplayChangesNothing() {
        shop.load(List.of(sale("1", "5.00", "kept"), sale("2", "6.00", "gone")), List.of());
        RawHistory raw = begin();
        raw.begin()
                .delete(Shop.SALE, key("1"))
                .insert(Shop.SALE, key("1"), sale("1", "7.00", "again"))
                .delete(Shop.SALE, key("2"))
                .insert(Shop.SALE, key("3"), sale("3", "-1.00", "invalid"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).containsExactly(Arrays.asList("1", "N", "pen", "7.00", "again"));
        assertThat(states()).containsExactlyInAnyOrder("1 null", "2 deleted", "3 amount_not_negative");
        assertThat(shop.delta(shop.pipeline.layout().rejected("sale"))
                        .select("source_row")
                        .as(org.apache.spark.sql.Encoders.STRING())
                        .collectAsList())
                .containsExactly(RawHistory.json(sale("3", "-1.00", "invalid")));
        List<Long> versions = versions();
        try (MergePass again = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(again.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
        assertThat(versions()).isEqualTo(versions);
    }

    @Test
    void aTruncateTakesOlderRowsAndLeavesLaterOnes() {
        shop.load(List.of(sale("1", "5.00", "old"), sale("2", "-6.00", "old and invalid")), List.of());
        RawHistory raw = begin();
        raw.begin()
                .insert(Shop.SALE, key("3"), sale("3", "1.00", "before"))
                .truncate(Shop.SALE)
                .insert(Shop.SALE, key("1"), sale("1", "2.00", "after"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).containsExactly(Arrays.asList("1", "N", "pen", "2.00", "after"));
        assertThat(shop.delta(shop.pipeline.layout().rejected("sale")).isEmpty())
                .isTrue();
        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "after"));
    }

    @Test
    void aChangeThatTheLoadAlreadyHasIsIgnored() {
        shop.load(List.of(sale("1", "5.00", "loaded")), List.of());
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), 0);
        raw.begin().update(Shop.SALE, key("1"), sale("1", "4.00", "older"));
        raw.commit();
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
        raw.jump(Shop.LOADED_AT).begin().insert(Shop.SALE, key("2"), sale("2", "1.00", "newer"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "5.00", "loaded"),
                        Arrays.asList("2", "N", "pen", "1.00", "newer"));
    }

    @Test
    void anUnchangedLargeValueIsFoundAcrossKeyChangesAndPasses() {
        shop.load(List.of(sale("1", "5.00", "large")), List.of());
        RawHistory raw = begin();
        raw.begin().delete(Shop.SALE, key("1"));
        raw.change("c", Shop.SALE, key("2"), key("1"), null, without("2", "5.00"), List.of("note"));
        raw.commit();
        merge();
        raw.begin().change("u", Shop.SALE, key("2"), null, null, without("2", "6.00"), List.of("note"));
        raw.delete(Shop.SALE, key("2"));
        raw.change("c", Shop.SALE, key("3"), key("2"), null, without("3", "7.00"), List.of("note"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).containsExactly(Arrays.asList("3", "N", "pen", "7.00", "large"));
    }

    @Test
    void anUnchangedLargeValueThatNothingHoldsIsRefused() {
        shop.load(List.of(), List.of());
        RawHistory raw = begin();
        raw.begin().change("u", Shop.SALE, key("9"), null, null, without("9", "6.00"), List.of("note"));
        raw.commit();

        assertThatThrownBy(this::merge)
                .isInstanceOf(Failure.class)
                .hasMessageContaining("did not carry column note")
                .hasMessageContaining("ALTER TABLE \"shop\".\"sale\" REPLICA IDENTITY FULL");
    }

    @Test
    void aTextThatIsNotOfTheColumnsTypeIsRefusedWithoutItsValue() {
        shop.load(List.of(), List.of());
        RawHistory raw = begin();
        raw.begin().insert(Shop.SALE, key("1"), sale("1", "s3cret", "x"));
        raw.commit();

        assertThatThrownBy(this::merge)
                .isInstanceOf(Failure.class)
                .hasMessageContaining("a change of shop.sale has a value in column amount that is not a decimal(10,2)")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aGapBeforeTheFirstRawChangeIsRefused() {
        shop.load(List.of(), List.of());
        RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT + 1);

        assertThatThrownBy(this::merge)
                .isInstanceOf(Failure.class)
                .hasMessageContaining("raw/changes begins at 0/3E9 and cleansed/sale ends at 0/3E8");
    }

    @Test
    void aMergeBeforeTheLoadSaysWhatToRun() {
        RawHistory.create(shop.spark, shop.pipeline.layout(), 0);

        assertThatThrownBy(this::merge).hasMessageContaining("Run \"./headwater backfill\" first");
    }

    @Test
    void aMessageMovesEveryTable() {
        shop.load(List.of(), List.of());
        RawHistory raw = begin();
        raw.begin().message();
        raw.commit();

        merge();

        for (String table : List.of("sale", "product")) {
            assertThat(position(shop.pipeline.layout().cleansed(table), CommitId.cleanse(table, 1)))
                    .isEqualTo(raw.lsn());
        }
        for (String table : List.of("by_product", "by_region", "total")) {
            assertThat(position(shop.pipeline.layout().curated(table), CommitId.curate(table, 1)))
                    .isEqualTo(raw.lsn());
        }
    }

    @Test
    void onlyFilesOfNewCommitsAreRead() {
        RawHistory raw = begin();
        for (int commit = 0; commit < 5; commit++) {
            raw.begin().insert(Shop.SALE, key("" + commit), sale("" + commit, "1.00", "x"));
            raw.commit();
        }
        RawChanges changes = new RawChanges(shop.spark, shop.pipeline.layout());

        assertThat(changes.between(raw.lsn() - 100, raw.lsn(), 1).inputFiles()).hasSize(1);
        assertThat(changes.between(Shop.LOADED_AT, raw.lsn(), 1).inputFiles()).hasSize(5);
        assertThat(changes.hasFilesAfter(raw.lsn())).isFalse();
    }

    private RawHistory begin() {
        return RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
    }

    private void merge() {
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
        }
    }

    private List<String> states() {
        return shop.delta(shop.pipeline.layout().cleansed("sale"))
                .selectExpr("concat(id, ' ', coalesce(_reason, 'null'))")
                .as(org.apache.spark.sql.Encoders.STRING())
                .collectAsList();
    }

    private List<Long> versions() {
        return List.of(
                TableLog.at(shop.spark, shop.pipeline.layout().cleansed("sale")).version(),
                TableLog.at(shop.spark, shop.pipeline.layout().rejected("sale")).version(),
                TableLog.at(shop.spark, shop.pipeline.layout().curated("total")).version());
    }

    private long position(String path, String appId) {
        return TableLog.at(shop.spark, path).position(appId).orElseThrow();
    }

    private static Map<String, String> key(String id) {
        return columns("id", id);
    }

    private static Map<String, String> sale(String id, String amount, String note) {
        return columns("id", id, "region", "N", "product", "pen", "amount", amount, "note", note);
    }

    private static Map<String, String> without(String id, String amount) {
        return columns("id", id, "region", "N", "product", "pen", "amount", amount);
    }
}
