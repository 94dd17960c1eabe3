package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import headwater.publish.delta.DeltaTable;
import io.delta.kernel.Snapshot;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishIT {
    @TempDir
    Path lake;

    private Shop shop;

    @BeforeEach
    void openShop() {
        shop = new Shop(lake);
    }

    @AfterEach
    void closeShop() {
        shop.close();
    }

    @Test
    void randomHistoryArrivesAndAReplayChangesNothing() throws SQLException {
        for (long seed = 1; seed <= 2; seed++) {
            Shop.History history = shop.new History(seed);
            history.step(20, 0);
            for (int publication = 0; publication < 3; publication++) {
                PublishOutcome outcome = shop.publish();

                assertThat(outcome.kind()).as("seed %d", seed).isEqualTo(PublishOutcome.Kind.PUBLISHED);
                assertThat(shop.ledger()).isEqualTo("complete up to " + history.lsn + ", target null");
                shop.assertMartIsCurated("seed " + seed);
                assertThat(shop.publish().kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
                history.step(10, 5);
                shop.sales.compact();
                history.step(3, 3);
            }
            shop.publish();
        }
    }

    @Test
    void onlyChangedRowsAreWritten() {
        shop.first();
        List<Object[]> changed = Shop.rows(Shop.sale("CA", "apple", 99), Shop.sale("CA", "new", 1));
        shop.sales.merge(200, changed, List.of(shop.sales.key(Shop.sale("TX", "pear", 0))));
        shop.items.moveLsn(200);

        PublishOutcome outcome = shop.publish();

        assertThat(outcome.upserted()).isEqualTo(2);
        assertThat(outcome.deleted()).isEqualTo(1);
    }

    @Test
    void theLsnIsPublishedEvenIfNoRowChanged() throws SQLException {
        shop.first();
        shop.sales.moveLsn(300);
        shop.items.moveLsn(300);

        PublishOutcome outcome = shop.publish();

        assertThat(outcome.upserted() + outcome.deleted()).isZero();
        assertThat(shop.ledger()).isEqualTo("complete up to 300, target null");
        shop.assertMartIsCurated("");
    }

    @Test
    void aTableThatIsAheadIsPublishedAtTheCommonLsn() throws SQLException {
        shop.first();
        shop.sales.merge(200, Shop.rows(Shop.sale("CA", "apple", 7)), List.of());
        shop.items.moveLsn(200);
        String before = shop.query("SELECT group_concat(item, sold ORDER BY item) FROM items");
        shop.items.merge(250, Shop.rows(Shop.item("kiwi", 1)), List.of());
        shop.items.merge(260, Shop.rows(Shop.item("kiwi", 2)), List.of());

        shop.publish();

        assertThat(shop.ledger()).isEqualTo("complete up to 200, target null");
        assertThat(shop.query("SELECT group_concat(item, sold ORDER BY item) FROM items"))
                .isEqualTo(before);
        assertThat(shop.query("SELECT total FROM sales WHERE state = 'CA' AND item = 'apple'"))
                .isEqualTo("7.00");
        assertThat(shop.publish().kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
        shop.items.merge(270, Shop.rows(Shop.item("kiwi", 3)), List.of());
        assertThat(shop.publish().kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
        shop.sales.moveLsn(260);
        shop.publish();
        assertThat(shop.query("SELECT sold FROM items WHERE item = 'kiwi'")).isEqualTo("2");

        shop.sales.moveLsn(270);
        shop.publish();
        shop.assertMartIsCurated("");
    }

    @Test
    void removedAndAddedFilesAreChangesWhereNoChangeFilesAre() throws SQLException {
        shop.first();
        shop.sales.overwrite(200, Shop.rows(Shop.sale("CA", "apple", 5), Shop.sale("CA", "plum", 6)));
        shop.items.moveLsn(200);

        shop.publish();

        shop.assertMartIsCurated("");
    }

    @Test
    void aTableMadeAnewIsPublishedWhole() throws Exception {
        shop.first();
        delete(Path.of(URI.create(shop.sales.path())));
        shop.makeSales();
        shop.sales.merge(200, Shop.rows(Shop.sale("CA", "apple", 3), Shop.sale("NV", "fig", 4)), List.of());
        shop.items.moveLsn(200);

        PublishOutcome outcome = shop.publish();

        assertThat(outcome.upserted()).isEqualTo(2);
        shop.assertMartIsCurated("");
    }

    @Test
    void theWholeTableIsPublishedOnceItsChangesAreVacuumed() throws Exception {
        shop.first();
        shop.sales.merge(
                200, Shop.rows(Shop.sale("CA", "apple", 3)), List.of(shop.sales.key(Shop.sale("TX", "pear", 0))));
        shop.items.moveLsn(200);
        for (Path file : shop.sales.changeFiles()) {
            Files.delete(file);
        }

        shop.publish();

        shop.assertMartIsCurated("");
    }

    @Test
    void theWholeTableIsPublishedOnceItsLogIsCleaned() throws Exception {
        shop.first();
        shop.sales.merge(
                200, Shop.rows(Shop.sale("CA", "apple", 3)), List.of(shop.sales.key(Shop.sale("TX", "pear", 0))));
        shop.sales.moveLsn(300);
        shop.items.moveLsn(300);
        Snapshot newest =
                new DeltaTable(shop.sales.engine(), shop.sales.path()).newest().orElseThrow();
        newest.writeCheckpoint(shop.sales.engine());
        for (long version = 0; version < newest.getVersion(); version++) {
            Files.delete(
                    Path.of(URI.create(shop.sales.path())).resolve(String.format("_delta_log/%020d.json", version)));
        }

        shop.publish();

        shop.assertMartIsCurated("");
    }

    @Test
    void aTooLongKeyNamesTableAndColumnAndNothingIsPublished() throws SQLException {
        shop.first();
        String before = shop.mart();
        shop.items.merge(200, Shop.rows(Shop.item("kiwi", 1)), List.of());
        shop.sales.merge(200, Shop.rows(Shop.sale("CA", "x".repeat(41), 1)), List.of());

        assertThatThrownBy(() -> shop.publish())
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot publish sales: column item is varchar(40) in MySQL")
                .hasMessageContaining("41 characters");
        assertThat(shop.mart()).isEqualTo(before);

        // mended: the next version no longer has the row
        shop.sales.merge(300, List.of(), List.of(shop.sales.key(Shop.sale("CA", "x".repeat(41), 1))));
        shop.items.moveLsn(300);
        shop.publish();
        shop.assertMartIsCurated("");
    }

    @Test
    void aNumberThatDoesNotFitNamesTableAndColumn() {
        shop.first();
        shop.items.merge(200, Shop.rows(new Object[] {"apple", 1L, 40_000}), List.of());
        shop.sales.moveLsn(200);

        assertThatThrownBy(() -> shop.publish())
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot publish items: column shops does not take a value");
    }

    @Test
    void aTableThatIsNotBuiltYetIsNamed() {
        shop.items.merge(100, Shop.rows(Shop.item("apple", 1)), List.of());

        PublishOutcome outcome = shop.publish();

        assertThat(outcome.kind()).isEqualTo(PublishOutcome.Kind.NOT_BUILT);
        assertThat(outcome.missing()).containsExactly("sales");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
