package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.contract.CommitId;
import headwater.lake.pass.MergePass;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.table.TableLog;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A load of a table that is loaded already: the merge pass applies it among the changes, whatever the lake held. */
class LoadAgainTest {
    @TempDir
    Path folder;

    private Shop shop;
    private RawHistory raw;

    @BeforeEach
    void aLoadedLake() {
        shop = Shop.loadedIn(folder);
        raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
    }

    @Test
    void rowsDeletedInventedAndChangedByHandAreAsInTheSource() {
        byHand();
        raw.begin().insert(Shop.SALE, key("4"), sale("4", "-4.00", "invalid too"));
        raw.begin().message();
        shop.loadAgain(
                List.of(
                        sale("1", "5.00", "large"),
                        sale("2", "6.00", "other"),
                        sale("3", "-6.00", "invalid"),
                        sale("4", "-4.00", "invalid too")),
                raw.lsn());
        raw.commit();

        merge();

        assertThat(states())
                .containsExactlyInAnyOrder(
                        "1 live", "2 live", "3 amount_not_negative", "4 amount_not_negative", "9 deleted");
        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "5.00", "large"),
                        Arrays.asList("2", "N", "pen", "6.00", "other"));
        assertThat(rejected()).containsExactlyInAnyOrder("3", "4");
        shop.assertCuratedIsTrue("after the load");
        assertThatNothingIsLeftToDo();
    }

    @Test
    void aTableBeyondTheLoadKeepsTheChangesAfterIt() {
        raw.begin().update(Shop.SALE, key("1"), sale("1", "7.00", "before the load"));
        long load = raw.lsn();
        raw.begin()
                .update(Shop.SALE, key("2"), sale("2", "8.00", "after the load"))
                .insert(Shop.SALE, key("5"), sale("5", "5.00", "after the load"))
                .update(Shop.SALE, key("3"), sale("3", "3.00", "mended after the load"));
        raw.begin().delete(Shop.SALE, key("5")).insert(Shop.SALE, key("6"), sale("6", "6.00", "new"));
        raw.commit();
        merge();
        // what the changes after the load have made is lost, and so is what keeps row 5 deleted
        cleansed().delete("id IN (2, 5, 6)");
        shop.loadAgain(
                List.of(
                        sale("1", "7.00", "before the load"),
                        sale("2", "6.00", "other"),
                        sale("3", "-6.00", "invalid")),
                load);
        assertThat(shop.pass()).as("nothing is new in raw/changes").isEqualTo(MergePass.Outcome.IDLE);
        raw.begin().update(Shop.SALE, key("6"), sale("6", "6.50", "newest"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "7.00", "before the load"),
                        Arrays.asList("2", "N", "pen", "8.00", "after the load"),
                        Arrays.asList("3", "N", "pen", "3.00", "mended after the load"),
                        Arrays.asList("6", "N", "pen", "6.50", "newest"));
        assertThat(states()).contains("5 deleted");
        assertThat(rejected()).isEmpty();
        shop.assertCuratedIsTrue("after the load");
        assertThatNothingIsLeftToDo();
    }

    @Tag("nightly")
    @Test
    void curatedTablesFollowAHandUntilALoadMendsIt() {
        cleansed().updateExpr("id = 2", Map.of("product", "'by hand'"));
        raw.begin().update(Shop.SALE, key("1"), sale("1", "7.00", "by the source"));
        raw.commit();
        merge();
        shop.assertCuratedIsTrue("after the load");
        cleansed().updateExpr("id = 2", Map.of("product", "'by hand again'"));
        raw.begin().message();
        raw.commit();
        merge();
        shop.assertCuratedIsTrue("after the load");
        raw.begin().delete(Shop.SALE, key("2"));
        shop.loadAgain(List.of(sale("1", "7.00", "by the source"), sale("3", "-6.00", "invalid")), raw.lsn());
        raw.commit();

        merge();

        assertThat(states()).containsExactlyInAnyOrder("1 live", "2 deleted", "3 amount_not_negative");
        shop.assertCuratedIsTrue("after the load");
    }

    @Test
    void aLoadBeyondRawChangesWaits() {
        raw.begin().update(Shop.SALE, key("1"), sale("1", "7.00", "changed"));
        raw.commit();
        long load = raw.lsn() + 50;
        shop.loadAgain(List.of(sale("1", "7.00", "changed")), load);

        merge();

        assertThat(states()).contains("2 live");
        assertThat(held()).isEqualTo(Shop.LOADED_AT);
        raw.begin().message();
        raw.commit();

        merge();

        assertThat(states()).containsExactlyInAnyOrder("1 live", "2 deleted", "3 deleted");
        assertThat(rejected()).isEmpty();
        assertThat(held()).isEqualTo(load);
        shop.assertCuratedIsTrue("after the load");
    }

    @Test
    void aFeedWhoseFilesAreGoneIsNoReasonToStop() throws IOException {
        raw.begin().update(Shop.SALE, key("1"), sale("1", "7.00", "changed"));
        raw.commit();
        merge();
        for (CuratedSpec curated : shop.pipeline.published()) {
            Shop.loseNewestCommit(shop.pipeline.layout().curated(curated.name()));
        }
        // as a VACUUM does that keeps less than what curated tables are behind
        Shop.delete(shop.pipeline.layout().cleansed("sale") + "/_change_data");

        merge();

        shop.assertCuratedIsTrue("after the load");
    }

    @Test
    void aFirstBuildThatEndedBetweenItsTwoTablesLeavesNothingInRejected() throws IOException {
        Shop.loseNewestCommit(shop.pipeline.layout().cleansed("sale"));
        Shop.loseNewestCommit(shop.pipeline.layout().cleansed("sale"));
        assertThat(rejected()).containsExactly("3");
        List<Map<String, String>> mended = List.of(sale("1", "5.00", "large"), sale("3", "3.00", "mended"));

        shop.buildOver(mended, Shop.LOADED_AT + 100);

        assertThat(rejected()).isEmpty();
        assertThat(states()).containsExactlyInAnyOrder("1 live", "3 live");
    }

    @Test
    void aLoadAtThePositionOfAKilledPassReachesRejectedToo() throws IOException {
        raw.begin().update(Shop.SALE, key("1"), sale("1", "-1.00", "invalid"));
        raw.commit();
        merge();
        for (CuratedSpec curated : shop.pipeline.published()) {
            Shop.loseNewestCommit(shop.pipeline.layout().curated(curated.name()));
        }
        Shop.loseNewestCommit(shop.pipeline.layout().cleansed("sale"));
        shop.loadAgain(
                List.of(sale("1", "-1.00", "invalid"), sale("2", "6.00", "other"), sale("3", "3.00", "mended")),
                raw.lsn());
        merge();
        raw.begin().message();
        raw.commit();

        merge();

        assertThat(states()).containsExactlyInAnyOrder("1 amount_not_negative", "2 live", "3 live");
        assertThat(rejected()).containsExactly("1");
        shop.assertCuratedIsTrue("after the load");
        assertThatNothingIsLeftToDo();
    }

    @Tag("nightly")
    @Test
    void aTruncateAfterTheLoadTakesItsRows() {
        byHand();
        raw.begin().message();
        shop.loadAgain(List.of(sale("1", "5.00", "large"), sale("3", "-6.00", "invalid")), raw.lsn());
        raw.begin().truncate(Shop.SALE).insert(Shop.SALE, key("1"), sale("1", "2.00", "after"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).containsExactly(Arrays.asList("1", "N", "pen", "2.00", "after"));
        assertThat(states()).contains("3 truncated", "9 truncated").doesNotContain("2 live");
        assertThat(rejected()).isEmpty();
        shop.assertCuratedIsTrue("after the load");
        assertThatNothingIsLeftToDo();
    }

    @Test
    void onlyTheRowsThatDifferAreTouched() {
        raw.begin().message();
        shop.loadAgain(
                List.of(sale("1", "5.00", "large"), sale("2", "6.25", "other"), sale("3", "-6.00", "invalid")),
                raw.lsn());
        raw.commit();

        merge();

        assertThat(shop.delta(shop.pipeline.layout().cleansed("sale"))
                        .selectExpr("concat(id, ' ', _commit_lsn)")
                        .as(Encoders.STRING())
                        .collectAsList())
                .containsExactlyInAnyOrder("1 " + Shop.LOADED_AT, "2 " + raw.lsn(), "3 " + Shop.LOADED_AT);
        assertThat(TableLog.at(shop.spark, shop.pipeline.layout().rejected("sale"))
                        .version())
                .as("no row of rejected/sale differs")
                .isZero();
    }

    @Test
    void aGapBeforeRawChangesIsNoneForATableWithALoadAfterIt(@TempDir Path other) {
        shop = Shop.loadedIn(other);
        raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT + 500);
        assertThatThrownBy(this::merge).hasMessageContaining("Run \"./headwater backfill --table sale\"");
        raw.begin().update(Shop.SALE, key("2"), sale("2", "8.00", "after the gap"));
        raw.commit();
        shop.loadAgain(List.of(sale("2", "8.00", "after the gap")), raw.lsn());

        assertThatThrownBy(this::merge).hasMessageContaining("Run \"./headwater backfill --table product\"");
    }

    @Tag("nightly")
    @Test
    void curatedTablesAreComparedWholeWithATableThatWasBuiltAnew() {
        raw.begin().update(Shop.SALE, key("2"), columns("id", "2", "region", "S", "product", "ink", "amount", "1"));
        raw.commit();
        merge();
        raw.begin().delete(Shop.SALE, key("2"));
        raw.commit();
        shop.buildAnew(List.of(sale("1", "5.00", "large")), raw.lsn());
        raw.begin().message();
        raw.commit();

        merge();

        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "large"));
        shop.assertCuratedIsTrue("after the load");
    }

    @Test
    void aLoadOfAnotherTypeIsRefusedWithWhatToDo() {
        raw.begin().message();
        raw.commit();
        shop.spark
                .read()
                .format("delta")
                .load(shop.pipeline.layout().rawSnapshots(Shop.SALE))
                .withColumn("amount", functions.col("amount").cast("string"))
                .withColumn("_load_lsn", functions.lit(raw.lsn()))
                .withColumn("_load_id", functions.lit(String.format("%016X", raw.lsn())))
                .write()
                .format("delta")
                .mode("overwrite")
                .option("overwriteSchema", "true")
                .option("txnAppId", CommitId.load(Shop.SALE, 1))
                .option("txnVersion", raw.lsn())
                .save(shop.pipeline.layout().rawSnapshots(Shop.SALE));

        assertThatThrownBy(this::merge)
                .isInstanceOf(Failure.class)
                .hasMessageContaining(
                        "it has the columns [amount decimal(10,2)] where the pipeline file now makes [amount string] of shop.sale");
    }

    @Test
    void anUnchangedLargeValueIsFoundInALoadThatHadOtherTypes() {
        raw.begin().message();
        raw.commit();
        Dataset<Row> load = shop.delta(snapshots())
                .withColumn("day", functions.lit(7))
                .withColumn("_load_lsn", functions.lit(raw.lsn()))
                .withColumn("_load_id", functions.lit(String.format("%016X", raw.lsn())));
        load.write()
                .format("delta")
                .mode("append")
                .option("mergeSchema", "true")
                .option("txnAppId", CommitId.load(Shop.SALE, 1))
                .option("txnVersion", raw.lsn())
                .save(snapshots());
        merge();
        assertThat(shop.delta(snapshots())
                        .select("_load_lsn")
                        .distinct()
                        .as(Encoders.LONG())
                        .collectAsList())
                .as("no table needs the first load")
                .containsExactly(raw.lsn());
        StructType present = Shop.SALE_COLUMNS
                .add("_epoch", DataTypes.IntegerType)
                .add("_load_lsn", DataTypes.LongType)
                .add("_load_id", DataTypes.StringType)
                .add("day", DataTypes.StringType);
        TableLog.at(shop.spark, snapshots()).commits().define(present, List.of("_load_id"), Map.of());
        raw.begin()
                .change(
                        "u",
                        Shop.SALE,
                        key("1"),
                        null,
                        null,
                        columns("id", "1", "region", "N", "product", "pen", "amount", "9.00", "day", "7"),
                        List.of("note"));
        raw.commit();

        merge();

        assertThat(shop.cleansed("sale")).contains(Arrays.asList("1", "N", "pen", "9.00", "large"));
    }

    private String snapshots() {
        return shop.pipeline.layout().rawSnapshots(Shop.SALE);
    }

    @Test
    void aKeyThatIsThereTwiceIsRefusedWithWhatToDo() {
        cleansedRows().where("id = 1").write().format("delta").mode("append").save(path());
        raw.begin().message();
        shop.loadAgain(List.of(sale("1", "5.00", "large")), raw.lsn());
        raw.commit();

        assertThatThrownBy(this::merge).isInstanceOf(Failure.class).hasMessageContaining("a key more than once");
    }

    /** Row 1 goes, row 2 is changed, a row 9 is invented; and the invalid row is gone from rejected, another there. */
    private void byHand() {
        cleansed().delete("id = 1");
        cleansed().updateExpr("id = 2", Map.of("amount", "77", "_commit_lsn", "99999999999L"));
        cleansedRows()
                .where("id = 2")
                .withColumn("id", functions.lit(9L))
                .write()
                .format("delta")
                .mode("append")
                .save(path());
        DeltaTable rejected =
                DeltaTable.forPath(shop.spark, shop.pipeline.layout().rejected("sale"));
        rejected.updateExpr("id = 3", Map.of("id", "33L"));
    }

    private DeltaTable cleansed() {
        return DeltaTable.forPath(shop.spark, path());
    }

    private Dataset<Row> cleansedRows() {
        return shop.delta(path());
    }

    private String path() {
        return shop.pipeline.layout().cleansed("sale");
    }

    private long held() {
        return TableLog.at(shop.spark, path())
                .position(CommitId.load(Shop.SALE, 1))
                .orElseThrow();
    }

    private List<String> states() {
        return cleansedRows()
                .selectExpr("concat(id, ' ', coalesce(_reason, 'live'))")
                .as(Encoders.STRING())
                .collectAsList();
    }

    private List<String> rejected() {
        return shop.delta(shop.pipeline.layout().rejected("sale"))
                .selectExpr("string(id)")
                .as(Encoders.STRING())
                .collectAsList();
    }

    private void assertThatNothingIsLeftToDo() {
        long version = TableLog.at(shop.spark, path()).version();
        assertThat(shop.pass()).isEqualTo(MergePass.Outcome.IDLE);
        raw.begin().message();
        raw.commit();
        merge();
        assertThat(TableLog.at(shop.spark, path()).changedRows(version + 1, version + 1))
                .isFalse();
    }

    private void merge() {
        assertThat(shop.pass()).isEqualTo(MergePass.Outcome.MOVED);
    }

    private static Map<String, String> key(String id) {
        return columns("id", id);
    }
}
