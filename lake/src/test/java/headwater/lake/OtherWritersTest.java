package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.pass.MergePass;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.TableLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever writes to the tables of a lake beside merge is noticed, and leaves no wrong row in a curated table. */
class OtherWritersTest {
    private final WrittenLog written = new WrittenLog();

    @TempDir
    private Path folder;

    @TempDir
    private Path links;

    private Shop shop;
    private RawHistory raw;

    @BeforeEach
    void aLoadedLake() {
        shop = Shop.loadedIn(folder);
        raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
    }

    @AfterEach
    void noLongerHeard() {
        written.close();
    }

    @Test
    void whatIsChangedInCuratedTablesIsUndoneInThePassThatComes() {
        shop.spark.sql("DELETE FROM " + curated("by_region"));
        shop.spark.sql("INSERT INTO " + curated("by_product") + " SELECT * FROM " + curated("by_product"));
        shop.spark.sql("UPDATE " + curated("total") + " SET sales = 99");
        raw.begin().message().commit();

        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
        assertThat(warnings())
                .containsExactlyInAnyOrder(
                        "Another writer changed rows of "
                                + shop.pipeline.layout().curated("by_region")
                                + " since 0/3E8: comparing all of curated table=by_region to=0/44C",
                        "Another writer changed rows of "
                                + shop.pipeline.layout().curated("by_product")
                                + " since 0/3E8: comparing all of curated table=by_product to=0/44C",
                        "Another writer changed rows of "
                                + shop.pipeline.layout().curated("total")
                                + " since 0/3E8: comparing all of curated table=total to=0/44C");

        raw.begin()
                .update(Shop.SALE, columns("id", "1"), sale("1", "7.00", "large"))
                .commit();
        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
        assertThat(warnings()).hasSize(3);
    }

    @Test
    void curatedTablesFollowWhatIsChangedInCleansedOnes() {
        shop.spark.sql("DELETE FROM " + table(shop.pipeline.layout().cleansed("sale")) + " WHERE id = 2");
        raw.begin().message().commit();

        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
        assertThat(shop.curated("total")).containsExactly(List.of("tool", "1"));
        assertThat(warnings())
                .containsExactly("Another writer changed rows of "
                        + shop.pipeline.layout().cleansed("sale")
                        + " since 0/3E8: they stay as they are now, and curated tables follow. To have those of the source"
                        + " again, run \"./headwater backfill --table sale\".");

        raw.begin()
                .update(Shop.SALE, columns("id", "1"), sale("1", "7.00", "large"))
                .commit();
        shop.pass();
        TableLog sales = TableLog.at(shop.spark, shop.pipeline.layout().cleansed("sale"));
        long version = sales.version();
        shop.spark.sql("OPTIMIZE " + table(sales.path()));
        assertThat(sales.version()).isGreaterThan(version);
        raw.begin()
                .insert(Shop.SALE, columns("id", "5"), sale("5", "5.00", "new"))
                .commit();
        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
        assertThat(shop.curated("total")).containsExactly(List.of("tool", "2"));
        assertThat(warnings()).hasSize(1);
    }

    @Tag("nightly")
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            curated/by_product commit 1 | INSERT INTO %1$s SELECT * FROM %1$s
            curated/by_region commit 1  | INSERT INTO %1$s VALUES ('S', 7, 'by hand')
            curated/total commit 1      | DELETE FROM %s
            cleansed/sale commit 1      | DELETE FROM %s WHERE id = 2
            cleansed/product commit 1   | INSERT INTO %1$s SELECT 11, 'ink', 'fluid', _epoch, _commit_lsn, _order, false, NULL FROM %1$s
            """)
    void whatIsChangedBeforeACommitKeepsItFromBeingMade(String commit, String statement) throws Exception {
        raw.begin()
                .update(Shop.SALE, columns("id", "1"), sale("1", "7.00", "large"))
                .commit();
        // another process's name for it: of one name only one commit is made at a time
        Path other = Files.createSymbolicLink(links.resolve("lake"), folder);
        String table = table("file:" + other + "/" + commit.replaceAll(" .*", ""));
        try (HeldLogStore.Writer held = new HeldLogStore.Writer(commit, shop::pass)) {
            assertThat(held.awaitHeld()).isTrue();
            shop.spark.sql(statement.formatted(table));
            assertThat(held.end()).isInstanceOfSatisfying(Failure.class, refused -> {
                assertThat(refused.remedy()).isEqualTo(Remedy.RETRY);
                assertThat(refused).hasMessageContaining("another writer changed the same rows or files meanwhile");
            });
        }

        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
    }

    /** A MERGE reads the partitions that it changes, and no others. */
    @Tag("nightly")
    @Test
    void whatIsChangedInAnotherPartitionKeepsAMergeFromBeingCommitted() throws Exception {
        raw.begin()
                .update(Shop.SALE, columns("id", "2"), sale("2", "6.00", "changed"))
                .commit();
        Pipeline byMerge = Shop.with(folder, "constants:", "merge: {form: merge}\nconstants:");
        Path other = Files.createSymbolicLink(links.resolve("lake"), folder);
        try (MergePass pass = new MergePass(shop.spark, byMerge);
                HeldLogStore.Writer held = new HeldLogStore.Writer("curated/by_region commit 1", pass::run)) {
            assertThat(held.awaitHeld()).isTrue();
            shop.spark.sql(
                    "INSERT INTO " + table("file:" + other + "/curated/by_region") + " VALUES ('S', 7, 'by hand')");
            assertThat(held.end())
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another writer changed the same rows or files meanwhile");
        }

        shop.pass();

        shop.assertCuratedIsTrue("in the next pass");
    }

    private String curated(String name) {
        return table(shop.pipeline.layout().curated(name));
    }

    private static String table(String path) {
        return "delta.`" + path + "`";
    }

    private List<String> warnings() {
        return written.lines(
                "Another writer changed rows of " + shop.pipeline.layout().root() + "/");
    }
}
