package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Shutdown;
import headwater.publish.mart.RowKey;
import headwater.publish.setup.TargetSchema;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** A small pipeline with two curated tables, one partitioned and one not, and a mart in a real MySQL. */
final class Shop implements AutoCloseable {
    private static final StructType SALES = new StructType()
            .add("year", ShortType.SHORT)
            .add("state", StringType.STRING)
            .add("item", StringType.STRING)
            .add("total", new DecimalType(20, 2))
            .add("sold_on", DateType.DATE);
    private static final StructType ITEMS = new StructType()
            .add("item", StringType.STRING)
            .add("sold", LongType.LONG)
            .add("shops", IntegerType.INTEGER);
    /** One server for all tests of this JVM. */
    private static final class MySql {
        // two JVMs run side by side
        static final String JVM = System.getProperty("headwater.fork", "0");
        static final EmbeddedMySql SERVER =
                EmbeddedMySql.start(Path.of("target", "shop-mysql-" + JVM).toAbsolutePath());

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }

    private static final String[] STATES = {"AL", "CA", "NY", "TX"};

    final Path lake;
    final Pipeline pipeline;
    final Shutdown shutdown = new Shutdown();
    final CuratedFixture items;
    CuratedFixture sales;

    Shop(Path lake) {
        this.lake = lake;
        this.pipeline = pipeline(100_000);
        new TargetSchema(pipeline).setUp(new PrintWriter(new StringWriter()));
        this.items = new CuratedFixture(pipeline.layout(), "items", ITEMS, List.of("item"), List.of());
        makeSales();
    }

    /** Another, empty table at the place of sales. */
    void makeSales() {
        sales = new CuratedFixture(
                pipeline.layout(), "sales", SALES, List.of("year", "state", "item"), List.of("year", "state"));
    }

    /** Five rows in all, published at LSN 100. */
    void first() {
        sales.merge(100, rows(sale("CA", "apple", 1), sale("CA", "pear", 2), sale("TX", "pear", 3)), List.of());
        items.merge(100, rows(item("apple", 1), item("pear", 5)), List.of());
        assertThat(publish(pipeline).upserted()).isEqualTo(5);
    }

    PublishOutcome publish() {
        return publish(pipeline);
    }

    PublishOutcome publish(Pipeline with) {
        return new Publisher(with, shutdown).publish();
    }

    @Override
    public void close() {
        new TargetSchema(pipeline).drop(new PrintWriter(new StringWriter()));
        shutdown.close();
    }

    static List<Object[]> rows(Object[]... rows) {
        return List.of(rows);
    }

    static Object[] sale(String state, String item, int total) {
        return new Object[] {
            (short) 2023, state, item, BigDecimal.valueOf(total * 100L, 2), total % 7 == 0 ? null : total
        };
    }

    static Object[] item(String item, int sold) {
        return new Object[] {item, (long) sold, sold % 5 == 0 ? null : sold % 100};
    }

    void assertMartIsCurated(String when) throws SQLException {
        List<String> expected = new ArrayList<>();
        sales.rows().values().forEach(row -> {
            Object day = row[4] == null ? null : LocalDate.ofEpochDay((Integer) row[4]);
            expected.add(row[0] + "|" + row[1] + "|" + row[2] + "|" + row[3] + "|" + day);
        });
        items.rows().values().forEach(row -> expected.add(row[0] + "|" + row[1] + "|" + row[2]));
        assertThat(mart()).as(when).isEqualTo(String.join("\n", expected));
    }

    String mart() throws SQLException {
        try (Connection connection = pipeline.target().open()) {
            return query(connection, "SELECT year, state, item, total, sold_on FROM sales ORDER BY year, state, item")
                    + "\n" + query(connection, "SELECT item, sold, shops FROM items ORDER BY item");
        }
    }

    String ledger() throws SQLException {
        return query("SELECT concat(state, ' up to ', ifnull(lsn, 'null'), ', target ', ifnull(target_lsn, 'null'))"
                + " FROM headwater_publication");
    }

    String query(String sql) throws SQLException {
        try (Connection connection = pipeline.target().open()) {
            return query(connection, sql);
        }
    }

    static String query(Connection connection, String sql) throws SQLException {
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

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    Connection locked(String sql) throws SQLException {
        Connection connection = pipeline.target().open();
        connection.setAutoCommit(false);
        query(connection, sql);
        return connection;
    }

    /** Waits until another connection of this user is stuck in a statement, and ends that connection. */
    static void killTheOneThatWaits(Connection other) throws SQLException {
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

    static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("deadline").isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    Pipeline pipeline(int maxTransactionRows) {
        return pipeline(maxTransactionRows, "50s");
    }

    Pipeline pipeline(int maxTransactionRows, String timeout) {
        String yaml = """
                name: shop
                source: {url: "jdbc:postgresql://localhost/shop", user: me, password: "${PW}"}
                lake: {root: "%s"}
                target: {url: "%s", user: %s, password: "${PW}", maxTransactionRows: %d, timeout: %s}
                tables:
                  orders: {source: public.orders, key: [id], columns: {id: id}}
                curated:
                  sales:
                    key: [year, state, item]
                    partitionBy: [year, state]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {year: smallint, state: char(2), item: varchar(40), total: "decimal(20,2)", sold_on: date}
                  items:
                    key: [item]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {item: varchar(40), sold: bigint, shops: smallint}
                """.formatted(
                        lake.toUri().toString().replace("file:///", "file:/"),
                        MySql.SERVER.url(),
                        EmbeddedMySql.USER,
                        maxTransactionRows,
                        timeout);
        return PipelineFile.parse("shop.yaml", yaml, name -> MySql.SERVER.password());
    }
    /** Random changes of both tables, each step one merge pass. */
    final class History {
        private final Random random;
        long lsn;

        History(long seed) {
            this.random = new Random(seed);
            this.lsn = 1000 * seed;
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
            Collections.shuffle(keys, random);
            return List.copyOf(keys.subList(0, Math.min(count, keys.size())));
        }
    }
}
