package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import io.delta.kernel.Snapshot;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishIT {
    private static final StructType SALES = new StructType()
            .add("year", ShortType.SHORT)
            .add("state", StringType.STRING)
            .add("item", StringType.STRING)
            .add("total", new DecimalType(20, 2))
            .add("sold_on", io.delta.kernel.types.DateType.DATE);
    private static final StructType ITEMS = new StructType()
            .add("item", StringType.STRING)
            .add("sold", LongType.LONG)
            .add("shops", IntegerType.INTEGER);
    private static final String[] STATES = {"AL", "CA", "NY", "TX"};

    private static EmbeddedMySql mySql;

    @TempDir
    Path lake;

    private final Shutdown shutdown = new Shutdown();
    private Pipeline pipeline;
    private CuratedFixture sales;
    private CuratedFixture items;

    @BeforeAll
    static void startServer() {
        mySql = EmbeddedMySql.start(Path.of("target", "publish-it-mysql").toAbsolutePath());
    }

    @AfterAll
    static void stopServer() {
        mySql.close();
    }

    @BeforeEach
    void setUp() {
        pipeline = pipeline(100_000, "varchar(40)");
        new TargetSchema(pipeline).setUp(new PrintWriter(new StringWriter()));
        sales = new CuratedFixture(
                pipeline.layout(), "sales", SALES, List.of("year", "state", "item"), List.of("year", "state"));
        items = new CuratedFixture(pipeline.layout(), "items", ITEMS, List.of("item"), List.of());
    }

    @AfterEach
    void tearDown() {
        new TargetSchema(pipeline).drop(new PrintWriter(new StringWriter()));
        shutdown.close();
    }

    @Test
    void randomHistoryArrivesAndAReplayChangesNothing() throws SQLException {
        for (long seed = 1; seed <= 3; seed++) {
            History history = new History(seed);
            history.step(20, 0);
            for (int publication = 0; publication < 4; publication++) {
                PublishOutcome outcome = publish(pipeline);

                assertThat(outcome.kind()).as("seed %d", seed).isEqualTo(PublishOutcome.Kind.PUBLISHED);
                assertThat(ledger()).isEqualTo("complete up to " + history.lsn + ", target null");
                assertMartIsCurated("seed " + seed);
                assertThat(publish(pipeline).kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
                history.step(10, 5);
                sales.compact();
                history.step(3, 3);
            }
            publish(pipeline);
        }
    }

    @Test
    void onlyChangedRowsAreWritten() {
        first();
        List<Object[]> changed = rows(sale("CA", "apple", 99), sale("CA", "new", 1));
        sales.merge(200, changed, List.of(sales.key(sale("TX", "pear", 0))));
        items.moveLsn(200);

        PublishOutcome outcome = publish(pipeline);

        assertThat(outcome.upserted()).isEqualTo(2);
        assertThat(outcome.deleted()).isEqualTo(1);
    }

    @Test
    void theLsnIsPublishedEvenIfNoRowChanged() throws SQLException {
        first();
        sales.moveLsn(300);
        items.moveLsn(300);

        PublishOutcome outcome = publish(pipeline);

        assertThat(outcome.upserted() + outcome.deleted()).isZero();
        assertThat(ledger()).isEqualTo("complete up to 300, target null");
        assertMartIsCurated("");
    }

    @Test
    void aTableThatIsAheadIsPublishedAtTheCommonLsn() throws SQLException {
        first();
        sales.merge(200, rows(sale("CA", "apple", 7)), List.of());
        items.moveLsn(200);
        String before = query("SELECT group_concat(item, sold ORDER BY item) FROM items");
        items.merge(250, rows(item("kiwi", 1)), List.of());
        items.merge(260, rows(item("kiwi", 2)), List.of());

        publish(pipeline);

        assertThat(ledger()).isEqualTo("complete up to 200, target null");
        assertThat(query("SELECT group_concat(item, sold ORDER BY item) FROM items"))
                .isEqualTo(before);
        assertThat(query("SELECT total FROM sales WHERE state = 'CA' AND item = 'apple'"))
                .isEqualTo("7.00");

        sales.moveLsn(260);
        publish(pipeline);
        assertMartIsCurated("");
    }

    @Test
    void removedAndAddedFilesAreChangesWhereNoChangeFilesAre() throws SQLException {
        first();
        sales.overwrite(200, rows(sale("CA", "apple", 5), sale("CA", "plum", 6)));
        items.moveLsn(200);

        publish(pipeline);

        assertMartIsCurated("");
    }

    @Test
    void aTableMadeAnewIsPublishedWhole() throws SQLException {
        first();
        delete(Path.of(java.net.URI.create(sales.path())));
        sales = new CuratedFixture(
                pipeline.layout(), "sales", SALES, List.of("year", "state", "item"), List.of("year", "state"));
        sales.merge(200, rows(sale("CA", "apple", 3), sale("NV", "fig", 4)), List.of());
        items.moveLsn(200);

        PublishOutcome outcome = publish(pipeline);

        assertThat(outcome.upserted()).isEqualTo(2);
        assertMartIsCurated("");
    }

    @Test
    void theWholeTableIsPublishedOnceItsChangesAreVacuumed() throws Exception {
        first();
        sales.merge(200, rows(sale("CA", "apple", 3)), List.of(sales.key(sale("TX", "pear", 0))));
        items.moveLsn(200);
        for (Path file : sales.changeFiles()) {
            Files.delete(file);
        }

        publish(pipeline);

        assertMartIsCurated("");
    }

    @Test
    void theWholeTableIsPublishedOnceItsLogIsCleaned() throws Exception {
        first();
        sales.merge(200, rows(sale("CA", "apple", 3)), List.of(sales.key(sale("TX", "pear", 0))));
        sales.moveLsn(300);
        items.moveLsn(300);
        Snapshot newest = new DeltaTable(sales.engine(), sales.path()).newest().orElseThrow();
        newest.writeCheckpoint(sales.engine());
        for (long version = 0; version < newest.getVersion(); version++) {
            Files.delete(Path.of(java.net.URI.create(sales.path()))
                    .resolve(String.format("_delta_log/%020d.json", version)));
        }

        publish(pipeline);

        assertMartIsCurated("");
    }

    @Test
    void aPublisherKilledBeforeItsCommitLeavesNothing() throws Exception {
        first();
        String before = mart();
        sales.merge(200, rows(sale("CA", "apple", 3)), List.of(sales.key(sale("TX", "pear", 0))));
        items.merge(200, rows(item("kiwi", 1)), List.of());
        try (Connection other = locked("SELECT * FROM headwater_table FOR UPDATE")) {
            CompletableFuture<PublishOutcome> publisher = CompletableFuture.supplyAsync(() -> publish(pipeline));
            killTheOneThatWaits(other);

            assertThatThrownBy(publisher::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY));
        }
        assertThat(mart()).isEqualTo(before);
        assertThat(ledger()).isEqualTo("complete up to 100, target null");

        publish(pipeline);
        assertMartIsCurated("");
        assertThat(ledger()).isEqualTo("complete up to 200, target null");
    }

    @Test
    void aLargePublicationGoesByPartitionAndAKilledOneIsTakenUpAgain() throws Exception {
        Pipeline small = pipeline(7, "varchar(40)");
        History history = new History(11);
        history.step(60, 0);
        assertThat(publish(small).kind()).isEqualTo(PublishOutcome.Kind.PUBLISHED);
        assertMartIsCurated("first");

        long before = history.lsn;
        history.step(40, 10);
        history.step(30, 20);
        sales.merge(history.lsn, rows(sale("TX", "~last", 1)), List.of());
        Object[] blocked = sales.rows().lastEntry().getValue();
        query("SELECT 1");
        try (Connection other = pipeline.target().open()) {
            other.setAutoCommit(false);
            execute(other, "INSERT INTO sales VALUES (2023, 'TX', '~last', 0, NULL)");
            CompletableFuture<PublishOutcome> publisher = CompletableFuture.supplyAsync(() -> publish(small));
            killTheOneThatWaits(other);
            assertThatThrownBy(publisher::join).hasCauseInstanceOf(Failure.class);
            other.rollback();
        }
        assertThat(blocked[2]).isEqualTo("~last");
        assertThat(ledger()).isEqualTo("in progress up to " + before + ", target " + history.lsn);

        history.step(5, 5);
        PublishOutcome outcome = publish(small);

        assertThat(outcome.upserted()).isGreaterThan(7);
        assertMartIsCurated("taken up again");
        assertThat(ledger()).isEqualTo("complete up to " + history.lsn + ", target null");
    }

    @Test
    void aLargeWholePublicationDeletesWhatIsNotInTheTable() throws Exception {
        Pipeline small = pipeline(7, "varchar(40)");
        History history = new History(12);
        history.step(50, 0);
        try (Connection connection = pipeline.target().open()) {
            execute(
                    connection,
                    "INSERT INTO sales VALUES (1999, 'XX', 'gone', 1, NULL), (2023, 'CA', 'gone', 1, NULL)");
            for (int i = 0; i < 20; i++) {
                execute(connection, "INSERT INTO items VALUES ('gone" + i + "', 1, 1)");
            }
        }

        PublishOutcome outcome = publish(small);

        assertThat(outcome.deleted()).isEqualTo(22);
        assertMartIsCurated("");
    }

    @Test
    void aSecondPublisherIsRefused() throws SQLException {
        first();
        sales.moveLsn(200);
        items.moveLsn(200);
        try (TargetSession first = TargetSession.open(pipeline)) {
            assertThatThrownBy(() -> publish(pipeline))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another publisher is at it, MySQL connection "
                            + query(first.connection(), "SELECT connection_id()"));
        }
        assertThat(publish(pipeline).kind()).isEqualTo(PublishOutcome.Kind.PUBLISHED);
    }

    @Test
    void aPublicationNeverGoesBack() throws SQLException {
        first();
        sales.merge(200, rows(sale("CA", "apple", 3)), List.of());
        items.moveLsn(200);
        String before = mart();
        try (Connection connection = pipeline.target().open()) {
            execute(connection, "UPDATE headwater_publication SET lsn = 201");
        }

        assertThat(publish(pipeline).kind()).isEqualTo(PublishOutcome.Kind.NOTHING_NEW);
        assertThat(mart()).isEqualTo(before);
    }

    @Test
    void aLedgerThatMovedMeanwhileStopsTheTransaction() throws SQLException {
        first();
        try (TargetSession session = TargetSession.open(pipeline)) {
            Ledger ledger = new Ledger(session.connection(), pipeline.name());
            var before = ledger.publication();
            session.connection().commit();
            try (Connection other = pipeline.target().open()) {
                execute(other, "UPDATE headwater_publication SET lsn = 150");
            }
            assertThatThrownBy(() -> session.inTransaction(() -> ledger.fence(before)))
                    .hasMessageContaining("another publisher has changed headwater_publication");
        }
    }

    @Test
    void aTooLongKeyNamesTableAndColumnAndNothingIsPublished() throws SQLException {
        first();
        String before = mart();
        items.merge(200, rows(item("kiwi", 1)), List.of());
        sales.merge(200, rows(sale("CA", "x".repeat(41), 1)), List.of());

        assertThatThrownBy(() -> publish(pipeline))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot publish sales: column item is varchar(40) in MySQL")
                .hasMessageContaining("41 characters");
        assertThat(mart()).isEqualTo(before);

        // mended: the next version no longer has the row
        sales.merge(300, List.of(), List.of(sales.key(sale("CA", "x".repeat(41), 1))));
        items.moveLsn(300);
        publish(pipeline);
        assertMartIsCurated("");
    }

    @Test
    void aNumberThatDoesNotFitNamesTableAndColumn() {
        first();
        items.merge(200, rows(new Object[] {"apple", 1L, 40_000}), List.of());
        sales.moveLsn(200);

        assertThatThrownBy(() -> publish(pipeline))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot publish items: column shops does not take a value");
    }

    @Test
    void aTableThatIsNotBuiltYetIsNamed() {
        items.merge(100, rows(item("apple", 1)), List.of());

        PublishOutcome outcome = publish(pipeline);

        assertThat(outcome.kind()).isEqualTo(PublishOutcome.Kind.NOT_BUILT);
        assertThat(outcome.missing()).containsExactly("sales");
    }

    /** Random changes of both tables, each step one merge pass. */
    private final class History {
        private final Random random;
        private long lsn;

        History(long seed) {
            this.random = new Random(seed);
            this.lsn = Math.max(1000 * seed, sales.rows().isEmpty() ? 0 : 1000 * seed);
        }

        void step(int upserts, int deletions) {
            lsn += 1 + random.nextInt(50);
            Map<RowKey, Object[]> changed = new TreeMap<>();
            for (int i = 0; i < upserts; i++) {
                Object[] row = sale(STATES[random.nextInt(4)], "item" + random.nextInt(60), random.nextInt(1000));
                changed.put(sales.key(row), row);
            }
            sales.merge(lsn, List.copyOf(changed.values()), pick(sales, changed, deletions));
            Map<RowKey, Object[]> changedItems = new TreeMap<>();
            for (int i = 0; i < upserts / 2; i++) {
                Object[] row = item("item" + random.nextInt(60), random.nextInt(1000));
                changedItems.put(items.key(row), row);
            }
            items.merge(lsn, List.copyOf(changedItems.values()), pick(items, changedItems, deletions / 2));
        }

        private List<RowKey> pick(CuratedFixture table, Map<RowKey, Object[]> changed, int count) {
            List<RowKey> keys = new ArrayList<>(table.rows().keySet());
            keys.removeAll(changed.keySet());
            java.util.Collections.shuffle(keys, random);
            return List.copyOf(keys.subList(0, Math.min(count, keys.size())));
        }
    }

    private void first() {
        sales.merge(100, rows(sale("CA", "apple", 1), sale("CA", "pear", 2), sale("TX", "pear", 3)), List.of());
        items.merge(100, rows(item("apple", 1), item("pear", 5)), List.of());
        assertThat(publish(pipeline).upserted()).isEqualTo(5);
    }

    private PublishOutcome publish(Pipeline with) {
        return new Publisher(with, shutdown).publish();
    }

    private static List<Object[]> rows(Object[]... rows) {
        return List.of(rows);
    }

    private static Object[] sale(String state, String item, int total) {
        return new Object[] {
            (short) 2023, state, item, BigDecimal.valueOf(total * 100L, 2), total % 7 == 0 ? null : total
        };
    }

    private static Object[] item(String item, int sold) {
        return new Object[] {item, (long) sold, sold % 5 == 0 ? null : sold % 100};
    }

    private void assertMartIsCurated(String when) throws SQLException {
        List<String> expected = new ArrayList<>();
        sales.rows().values().forEach(row -> {
            Object day = row[4] == null ? null : java.time.LocalDate.ofEpochDay((Integer) row[4]);
            expected.add(row[0] + "|" + row[1] + "|" + row[2] + "|" + row[3] + "|" + day);
        });
        items.rows().values().forEach(row -> expected.add(row[0] + "|" + row[1] + "|" + row[2]));
        assertThat(mart()).as(when).isEqualTo(String.join("\n", expected));
    }

    private String mart() throws SQLException {
        try (Connection connection = pipeline.target().open()) {
            return query(connection, "SELECT year, state, item, total, sold_on FROM sales ORDER BY year, state, item")
                    + "\n" + query(connection, "SELECT item, sold, shops FROM items ORDER BY item");
        }
    }

    private String ledger() throws SQLException {
        return query("SELECT concat(state, ' up to ', ifnull(lsn, 'null'), ', target ', ifnull(target_lsn, 'null'))"
                + " FROM headwater_publication");
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = pipeline.target().open()) {
            return query(connection, sql);
        }
    }

    private static String query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> lines = new ArrayList<>();
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    values.add(row.getString(i));
                }
                lines.add(String.join("|", values));
            }
            return String.join("\n", lines);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection locked(String sql) throws SQLException {
        Connection connection = pipeline.target().open();
        connection.setAutoCommit(false);
        query(connection, sql);
        return connection;
    }

    /** Waits until another connection of this user is stuck in a statement, and ends that connection. */
    private static void killTheOneThatWaits(Connection other) throws SQLException {
        String stuck = "SELECT id FROM information_schema.processlist WHERE id <> connection_id()"
                + " AND command = 'Query' AND (info LIKE 'INSERT INTO headwater_table%' OR info LIKE 'INSERT INTO `sales`%~last%')";
        String[] id = new String[1];
        await(() -> {
            try {
                id[0] = query(other, stuck);
                return !id[0].isEmpty();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        execute(other, "KILL " + id[0]);
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("deadline").isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    private static void delete(Path folder) {
        try (var paths = Files.walk(folder)) {
            paths.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Pipeline pipeline(int maxTransactionRows, String itemType) {
        String yaml = """
                name: shop
                source: {url: "jdbc:postgresql://localhost/shop", user: me, password: "${PW}"}
                lake: {root: "%s"}
                target: {url: "%s", user: %s, password: "${PW}", maxTransactionRows: %d}
                tables:
                  orders: {source: public.orders, key: [id], columns: {id: id}}
                curated:
                  sales:
                    key: [year, state, item]
                    partitionBy: [year, state]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {year: smallint, state: char(2), item: "%s", total: "decimal(20,2)", sold_on: date}
                  items:
                    key: [item]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {item: varchar(40), sold: bigint, shops: smallint}
                """.formatted(
                        lake.toUri().toString().replace("file:///", "file:/"),
                        mySql.url(),
                        EmbeddedMySql.USER,
                        maxTransactionRows,
                        itemType);
        return PipelineFile.parse("shop.yaml", yaml, name -> mySql.password());
    }
}
