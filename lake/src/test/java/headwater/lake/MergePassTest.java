package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.CommitId;
import headwater.lake.curate.CuratedTable;
import headwater.lake.pass.LakeTables;
import headwater.lake.pass.MergePass;
import headwater.lake.pass.TableSessions;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Fingerprint;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.raw.RawChanges;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.TableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergePassTest {
    @TempDir
    Path folder;

    private Shop shop;

    @BeforeEach
    void aLoadedLake() {
        shop = Shop.loadedIn(folder);
    }

    @Test
    void lastChangeOfATransactionWinsAndAReplayChangesNothing() {
        RawHistory raw = begin();
        raw.begin()
                .delete(Shop.SALE, key("1"))
                .insert(Shop.SALE, key("1"), sale("1", "7.00", "again"))
                .delete(Shop.SALE, key("2"))
                .update(Shop.SALE, key("3"), sale("3", "1.00", "mended"))
                .insert(Shop.SALE, key("4"), sale("4", "-1.00", "invalid"))
                .message();
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "7.00", "again"),
                        Arrays.asList("3", "N", "pen", "1.00", "mended"));
        assertThat(texts("cleansed", "concat(id, ' ', coalesce(_reason, 'live'))"))
                .containsExactlyInAnyOrder("1 live", "2 deleted", "3 live", "4 amount_not_negative");
        assertThat(texts("rejected", "source_row")).containsExactly(RawHistory.json(sale("4", "-1.00", "invalid")));
        assertEveryTableIsAt(raw.lsn());
        try (MergePass again = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(again.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
    }

    @Test
    void aRowThatTheLoadRejectedLeavesRejectedWhenItIsMended() {
        RawHistory raw = begin();
        raw.begin().update(Shop.SALE, key("3"), sale("3", "1.00", "mended"));
        raw.commit();
        assertThat(texts("cleansed", "concat(id, ' ', coalesce(_reason, 'live'))"))
                .containsExactlyInAnyOrder("1 live", "2 live", "3 amount_not_negative");

        merge();

        assertThat(texts("cleansed", "concat(id, ' ', coalesce(_reason, 'live'))"))
                .containsExactlyInAnyOrder("1 live", "2 live", "3 live");
        assertThat(texts("rejected", "source_row")).isEmpty();
    }

    @Test
    void aTruncateTakesOlderRowsAndLeavesLaterOnes() {
        RawHistory raw = begin();
        raw.begin()
                .insert(Shop.SALE, key("5"), sale("5", "1.00", "before"))
                .truncate(Shop.SALE)
                .insert(Shop.SALE, key("1"), sale("1", "2.00", "after"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).containsExactly(Arrays.asList("1", "N", "pen", "2.00", "after"));
        assertThat(texts("cleansed", "concat(id, ' ', coalesce(_reason, 'live'))"))
                .containsExactlyInAnyOrder("1 live", "2 truncated", "3 truncated");
        assertThat(texts("rejected", "source_row")).isEmpty();
        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "after"));
    }

    @Test
    void aChangeThatTheLoadAlreadyHasIsIgnored() {
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), 0);
        raw.begin().update(Shop.SALE, key("1"), sale("1", "4.00", "older"));
        raw.commit();
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
        raw.jump(Shop.LOADED_AT).begin().update(Shop.SALE, key("2"), sale("2", "1.00", "newer"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "5.00", "large"),
                        Arrays.asList("2", "N", "pen", "1.00", "newer"));
    }

    @Test
    void anUnchangedLargeValueIsFoundAcrossKeyChanges() {
        RawHistory raw = begin();
        raw.begin().delete(Shop.SALE, key("1"));
        raw.change("c", Shop.SALE, key("7"), key("1"), null, without("7", "5.00"), List.of("note"));
        raw.commit();
        raw.begin().change("u", Shop.SALE, key("7"), null, null, without("7", "6.00"), List.of("note"));
        raw.delete(Shop.SALE, key("7"));
        raw.change("c", Shop.SALE, key("8"), key("7"), null, without("8", "7.00"), List.of("note"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("2", "N", "pen", "6.00", "other"),
                        Arrays.asList("8", "N", "pen", "7.00", "large"));
    }

    @Test
    void aValueBeyondTwentyMillionCharactersArrivesWhereAChangeCarriesItAndWhereItLeavesItAlone() {
        String large = "x".repeat(20_000_001);
        RawHistory raw = begin();
        raw.begin().update(Shop.SALE, key("1"), sale("1", "5.00", large));
        raw.update(Shop.SALE, key("2"), sale("2", "6.00", large));
        raw.begin().change("u", Shop.SALE, key("1"), null, null, without("1", "7.00"), List.of("note"));
        raw.commit();

        merge();

        assertThat(shop.delta(shop.pipeline.layout().cleansed("sale"))
                        .where("_deleted = false")
                        .selectExpr("concat(id, ' ', amount, ' ', length(note))")
                        .as(Encoders.STRING())
                        .collectAsList())
                .containsExactlyInAnyOrder("1 7.00 20000001", "2 6.00 20000001");
    }

    @Test
    void aRowThatIsMendedAfterAPassWasKilledBeforeCleansedLeavesRejected() throws IOException {
        RawHistory raw = begin();
        raw.begin().update(Shop.SALE, key("1"), sale("1", "-1.00", "invalid"));
        raw.update(Shop.SALE, key("2"), sale("2", "-1.00", "invalid"));
        raw.commit();
        merge();
        for (CuratedSpec curated : shop.pipeline.published()) {
            Shop.loseNewestCommit(shop.pipeline.layout().curated(curated.name()));
        }
        Shop.loseNewestCommit(shop.pipeline.layout().cleansed("sale"));
        raw.begin().update(Shop.SALE, key("1"), sale("1", "5.00", "mended")).delete(Shop.SALE, key("2"));
        raw.commit();

        merge();

        assertThat(texts("cleansed", "concat(id, ' ', coalesce(_reason, 'live'))"))
                .containsExactlyInAnyOrder("1 live", "2 deleted", "3 amount_not_negative");
        assertThat(texts("rejected", "id")).containsExactly("3");
    }

    @Test
    void aWriterThatWasOvertakenIsRefusedEvenIfNothingDiffersByThen() {
        RawHistory raw = begin();
        raw.begin().insert(Shop.SALE, key("4"), sale("4", "1.00", "short-lived"));
        raw.commit();
        try (TableSessions sessions = new TableSessions(shop.spark)) {
            LakeTables late = LakeTables.of(shop.pipeline, sessions, 1);
            long before = late.cleansed("sale").position().orElseThrow();
            merge();
            raw.begin().delete(Shop.SALE, key("4"));
            raw.commit();

            for (CuratedTable table : late.curated()) {
                Map<String, CollectedRows> nothing = new HashMap<>();
                table.spec().affectedBy().keySet().forEach(upstream -> nothing.put(upstream, CollectedRows.NONE));
                assertThatThrownBy(() -> table.refresh(nothing, before, raw.lsn()))
                        .isInstanceOf(Failure.class)
                        .hasMessageContaining("another writer moved it to");
            }
            assertThatThrownBy(() -> late.cleansed("sale").advance(before, raw.lsn()))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another writer moved it to");
        }
        merge();

        assertThat(shop.cleansed("sale")).noneMatch(row -> row.contains("short-lived"));
        assertThat(shop.curated("by_region")).noneMatch(row -> row.contains("short-lived"));
        assertEveryTableIsAt(raw.lsn());
    }

    @Test
    void anUnchangedLargeValueThatNothingHoldsIsRefused() {
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
        RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT + 1);

        assertThatThrownBy(this::merge)
                .isInstanceOf(Failure.class)
                .hasMessageContaining("raw/changes begins at 0/3E9 and cleansed/sale ends at 0/3E8");
    }

    @Test
    void aMergeBeforeTheLoadSaysWhatToRun(@TempDir Path other) {
        shop = Shop.in(other);
        RawHistory.create(shop.spark, shop.pipeline.layout(), 0);

        assertThatThrownBy(this::merge).hasMessageContaining("Run \"./headwater backfill\" first");
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

    @Test
    void aTableWhoseChangesLackAColumnStandsStillWhileTheOthersGoOn() {
        RawHistory raw = begin();
        raw.under(shop.pipeline.layout(), "renamed", Shop.SALE, "id", "region", "product", "price", "note");
        raw.begin().update(Shop.SALE, key("1"), columns("id", "1", "price", "7.00"));
        raw.under(shop.pipeline.layout(), "more", Shop.PRODUCT, "id", "name", "kind", "more");
        raw.insert(Shop.PRODUCT, key("9"), columns("id", "9", "name", "new", "kind", "b"));
        raw.commit();

        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            pass.run();

            assertThat(pass.parked().orElseThrow())
                    .hasMessageContaining(
                            "Cannot merge changes of shop.sale into cleansed/sale: they have no column amount,"
                                    + " which the pipeline file reads")
                    .hasMessageContaining("backfill --table sale");
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
        assertThat(shop.cleansed("sale")).contains(Arrays.asList("1", "N", "pen", "5.00", "large"));
        assertThat(shop.cleansed("product")).contains(Arrays.asList("9", "new", "b"));
        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "other"));
    }

    @Test
    void aValueThatNoPartitionCanHaveParksTheTableUntilItIsMended() {
        RawHistory raw = begin();
        raw.begin().insert(Shop.SALE, key("4"), columns("id", "4", "region", "", "product", "pen", "amount", "1.00"));
        raw.commit();
        Pipeline blank = Shop.with(folder, "coalesce(region, 'XX')", "coalesce(region, '')");
        TableLog.at(shop.spark, shop.pipeline.layout().cleansed("sale"))
                .commits()
                .describe(Fingerprint.PROPERTY, Fingerprint.of(blank.tables().get(0)));
        List<List<String>> before = shop.curated("by_region");
        List<List<String>> above = shop.curated("region_kind");

        try (MergePass pass = new MergePass(shop.spark, blank)) {
            pass.run();
            assertThat(pass.parked().orElseThrow())
                    .hasMessageContaining("a row of curated/by_")
                    .hasMessageContaining("has in region, by which the table is partitioned, no value, an empty one");
        }
        assertThat(shop.curated("by_region")).isEqualTo(before);
        assertThat(position(shop.pipeline.layout().curated("region_kind"), CommitId.curate("region_kind", 1)))
                .as("a table over a parked one waits")
                .isEqualTo(Shop.LOADED_AT);

        raw.begin().delete(Shop.SALE, key("4"));
        raw.commit();
        try (MergePass pass = new MergePass(shop.spark, blank)) {
            pass.run();
            assertThat(pass.parked()).isEmpty();
        }
        assertThat(shop.curated("by_region")).isEqualTo(before);
        assertThat(shop.curated("region_kind")).isEqualTo(above);
        assertEveryTableIsAt(raw.lsn());
    }

    @Test
    void aCuratedTableFollowsThoseThatItIsComputedFromInTheSamePass() {
        RawHistory raw = begin();
        raw.begin()
                .update(Shop.SALE, key("1"), sale("1", "5.00", "zebra"))
                .delete(Shop.SALE, key("2"))
                .update(Shop.PRODUCT, key("10"), columns("id", "10", "name", "pen", "kind", "toy"));
        raw.commit();

        merge();

        assertThat(shop.curated("region_kind")).containsExactly(Arrays.asList("N", "toy", "1", "zebra"));
        assertEveryTableIsAt(raw.lsn());
    }

    private void merge() {
        assertThat(shop.pass()).isEqualTo(MergePass.Outcome.MOVED);
    }

    private List<String> texts(String zone, String column) {
        return shop.delta(shop.pipeline.layout().root() + "/" + zone + "/sale")
                .selectExpr(column)
                .as(Encoders.STRING())
                .collectAsList();
    }

    private void assertEveryTableIsAt(long lsn) {
        for (TableSpec table : shop.pipeline.tables()) {
            assertThat(position(shop.pipeline.layout().cleansed(table.name()), CommitId.cleanse(table.name(), 1)))
                    .isEqualTo(lsn);
        }
        for (CuratedSpec table : shop.pipeline.curated()) {
            assertThat(position(shop.pipeline.layout().curated(table.name()), CommitId.curate(table.name(), 1)))
                    .isEqualTo(lsn);
        }
    }

    private long position(String path, String appId) {
        return TableLog.at(shop.spark, path).position(appId).orElseThrow();
    }

    private static Map<String, String> key(String id) {
        return columns("id", id);
    }

    private static Map<String, String> without(String id, String amount) {
        return columns("id", id, "region", "N", "product", "pen", "amount", amount);
    }
}
