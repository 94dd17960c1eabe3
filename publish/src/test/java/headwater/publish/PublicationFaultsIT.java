package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.publish.mart.Ledger;
import headwater.publish.mart.TargetSession;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishers that are killed, that meet each other, and publications too large for one transaction. */
class PublicationFaultsIT {
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
    void aPublisherKilledBeforeItsCommitLeavesNothing() throws Exception {
        shop.first();
        String before = shop.mart();
        shop.sales.merge(
                200, Shop.rows(Shop.sale("CA", "apple", 3)), List.of(shop.sales.key(Shop.sale("TX", "pear", 0))));
        shop.items.merge(200, Shop.rows(Shop.item("kiwi", 1)), List.of());
        try (Connection other = shop.locked("SELECT * FROM headwater_table FOR UPDATE")) {
            CompletableFuture<PublishOutcome> publisher = CompletableFuture.supplyAsync(() -> shop.publish());
            Shop.killTheOneThatWaits(other);

            assertThatThrownBy(publisher::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY));
        }
        assertThat(shop.mart()).isEqualTo(before);
        assertThat(shop.ledger()).isEqualTo("complete up to 100, target null");

        shop.publish();
        shop.assertMartIsCurated("");
        assertThat(shop.ledger()).isEqualTo("complete up to 200, target null");
    }

    @Test
    void aLargePublicationGoesByPartitionAndAKilledOneIsTakenUpAgain() throws Exception {
        Pipeline small = shop.pipeline(7);
        Shop.History history = shop.new History(11);
        history.step(60, 0);
        assertThat(shop.publish(small).kind()).isEqualTo(PublishOutcome.Kind.PUBLISHED);
        shop.assertMartIsCurated("first");

        long before = history.lsn;
        history.step(40, 10);
        history.step(30, 20);
        shop.sales.merge(history.lsn, Shop.rows(Shop.sale("TX", "~last", 1)), List.of());
        try (Connection other = shop.pipeline.target().open()) {
            other.setAutoCommit(false);
            Shop.execute(other, "INSERT INTO sales VALUES (2023, 'TX', '~last', 0, NULL)");
            CompletableFuture<PublishOutcome> publisher = CompletableFuture.supplyAsync(() -> shop.publish(small));
            Shop.killTheOneThatWaits(other);
            assertThatThrownBy(publisher::join).hasCauseInstanceOf(Failure.class);
            other.rollback();
        }
        assertThat(shop.ledger()).isEqualTo("in progress up to " + before + ", target " + history.lsn);

        history.step(5, 5);
        PublishOutcome outcome = shop.publish(small);

        assertThat(outcome.upserted()).isGreaterThan(7);
        shop.assertMartIsCurated("taken up again");
        assertThat(shop.ledger()).isEqualTo("complete up to " + history.lsn + ", target null");
    }

    @Test
    void aLargeWholePublicationDeletesWhatIsNotInTheTable() throws Exception {
        Pipeline small = shop.pipeline(7);
        Shop.History history = shop.new History(12);
        history.step(50, 0);
        try (Connection connection = shop.pipeline.target().open()) {
            Shop.execute(
                    connection,
                    "INSERT INTO sales VALUES (1999, 'XX', 'gone', 1, NULL), (2023, 'CA', 'gone', 1, NULL)");
            for (int i = 0; i < 20; i++) {
                Shop.execute(connection, "INSERT INTO items VALUES ('gone" + i + "', 1, 1)");
            }
        }

        PublishOutcome outcome = shop.publish(small);

        assertThat(outcome.deleted()).isEqualTo(22);
        shop.assertMartIsCurated("");
    }

    @Test
    void aSecondPublisherIsRefused() throws SQLException {
        shop.first();
        shop.sales.moveLsn(200);
        shop.items.moveLsn(200);
        try (TargetSession first = TargetSession.open(shop.pipeline)) {
            assertThatThrownBy(() -> shop.publish())
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another publisher is at it, MySQL connection "
                            + Shop.query(first.connection(), "SELECT connection_id()"));
        }
        assertThat(shop.publish().kind()).isEqualTo(PublishOutcome.Kind.PUBLISHED);
    }

    @Test
    void aTableThatAnotherSessionKeepsIsWaitedForSoLongAndPublishedOnceItIsFree() throws SQLException {
        shop.first();
        Pipeline impatient = shop.pipeline(100_000, "1s");
        shop.items.merge(200, Shop.rows(Shop.item("kiwi", 1)), List.of());
        shop.sales.moveLsn(200);
        try (Connection other = shop.pipeline.target().open()) {
            // what ALTER TABLE takes as well: no time-out of InnoDB's is about it
            Shop.execute(other, "LOCK TABLES items WRITE");

            assertThatThrownBy(() -> shop.publish(impatient))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY))
                    .hasMessageContaining("Lock wait timeout exceeded");
        }

        shop.publish(impatient);
        shop.assertMartIsCurated("after the other session");
    }

    @Test
    void aServerThatAnswersNoMoreIsGivenUp() throws SQLException {
        Pipeline impatient = shop.pipeline(100_000, "1s");
        try (Connection connection = impatient.target().openBounded()) {
            assertThatThrownBy(() -> Shop.query(connection, "SELECT sleep(60)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
        }
    }

    @Test
    void aPublicationNeverGoesBack() throws SQLException {
        shop.first();
        shop.sales.merge(200, Shop.rows(Shop.sale("CA", "apple", 3)), List.of());
        shop.items.moveLsn(200);
        String before = shop.mart();
        try (Connection connection = shop.pipeline.target().open()) {
            Shop.execute(connection, "UPDATE headwater_publication SET lsn = 201");
        }

        assertThat(shop.publish().kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
        assertThat(shop.mart()).isEqualTo(before);
    }

    @Test
    void aLedgerThatMovedMeanwhileStopsTheTransaction() throws SQLException {
        shop.first();
        try (TargetSession session = TargetSession.open(shop.pipeline)) {
            Ledger ledger = new Ledger(session.connection(), shop.pipeline.name());
            var before = ledger.publication();
            session.connection().commit();
            try (Connection other = shop.pipeline.target().open()) {
                Shop.execute(other, "UPDATE headwater_publication SET lsn = 150");
            }
            assertThatThrownBy(() -> session.inTransaction(() -> ledger.fence(before)))
                    .hasMessageContaining("another publisher has changed headwater_publication");
        }
    }
}
