package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.CommandLineErrors;
import headwater.lake.process.Failure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SetupIT {
    private static EmbeddedServers servers;

    @TempDir
    Path folder;

    private record Ran(int exitCode, String out, String err) {}

    @BeforeAll
    static void startServers() {
        servers = EmbeddedServers.start(Path.of("target", "setup-it").toAbsolutePath());
        servers.s3().useInThisJvm();
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @BeforeEach
    void createSource() throws SQLException {
        source("CREATE SCHEMA shop");
        source("CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer text, card text)");
        source("CREATE TABLE shop.events (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (id)");
        source("CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (1000)");
    }

    @AfterEach
    void dropSource() throws Exception {
        run("teardown", yaml(), "--drop-target");
        source("DROP SCHEMA shop CASCADE");
    }

    @Test
    void setupSaysWhatItDidAndMayBeRepeated() throws Exception {
        target("DROP DATABASE IF EXISTS report");
        String yaml = yaml().replace("new-lake", "first-lake");
        Ran first = run("setup", yaml);

        assertThat(first.err).isEmpty();
        assertThat(first.exitCode).isZero();
        assertThat(first.out)
                .contains("Lake: bucket first-lake created")
                .contains("If-None-Match is honoured")
                .contains("MySQL: database report created")
                .contains("MySQL: table sales created")
                .contains("PostgreSQL: publication shop created for shop.orders, shop.events")
                .contains("PostgreSQL: slot shop created at ");
        assertNoSecret(first.out);
        assertThat(source("SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY tablename)"
                        + " FROM pg_publication_tables WHERE pubname = 'shop'"))
                .isEqualTo("shop.events,shop.orders");
        assertThat(source("SELECT plugin || ' ' || database FROM pg_replication_slots WHERE slot_name = 'shop'"))
                .isEqualTo("pgoutput " + EmbeddedPostgres.DATABASE);
        assertThat(target("SELECT table_collation FROM information_schema.tables WHERE table_name = 'sales'"))
                .isEqualTo("utf8mb4_0900_bin");
        assertThat(target(
                        "SELECT group_concat(column_name, ' ', column_type, ' ', is_nullable ORDER BY ordinal_position)"
                                + " FROM information_schema.columns WHERE table_name = 'sales'"))
                .isEqualTo("year smallint NO,item varchar(40) NO,total decimal(20,2) YES");

        Ran second = run("setup", yaml);

        assertThat(second.err).isEmpty();
        assertThat(second.out)
                .doesNotContain("created")
                .contains("MySQL: table sales is there")
                .contains("PostgreSQL: publication shop is there")
                .contains("PostgreSQL: slot shop is there");

        Ran undone = run("teardown", yaml(), "--drop-target");
        assertThat(undone.out)
                .containsSubsequence(
                        "PostgreSQL: slot shop dropped",
                        "PostgreSQL: publication shop dropped",
                        "MySQL: table sales dropped");
        assertThat(source("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        assertThat(target("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'report'"))
                .isEqualTo("0");
    }

    @Test
    void aPublicationOfOtherTablesOrColumnsIsAltered() throws Exception {
        source("CREATE TABLE shop.other (id bigint PRIMARY KEY)");
        source("CREATE PUBLICATION shop FOR TABLE shop.orders, shop.other");

        assertThat(run("setup", yaml()).out)
                .contains("PostgreSQL: publication shop altered to shop.orders, shop.events");
        assertThat(source("SELECT pubviaroot FROM pg_publication WHERE pubname = 'shop'"))
                .isEqualTo("t");

        String excluding =
                yaml().replace("columns: {id: id, customer: customer}", "columns: {id: id}, exclude: [card]");
        assertThat(run("setup", excluding).out).contains("publication shop altered");
        assertThat(run("setup", excluding).out).contains("publication shop is there");
        assertThat(
                        source(
                                "SELECT attnames::text FROM pg_publication_tables WHERE pubname = 'shop' AND tablename = 'orders'"))
                .isEqualTo("{id,customer}");

        source("ALTER TABLE shop.orders ADD COLUMN paid boolean");
        assertThat(run("setup", excluding).out).contains("publication shop altered");
    }

    @Test
    void aTableWithoutUsableIdentityIsRefused() throws Exception {
        source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey");

        Ran refused = run("setup", yaml());

        assertThat(refused.exitCode).isEqualTo(1);
        assertThat(refused.err)
                .contains("Cannot publish the source table shop.orders: it has no usable replica identity")
                .contains("Add a primary key");
        assertThat(source("SELECT count(*) FROM pg_publication")).isEqualTo("0");

        source("ALTER TABLE shop.orders REPLICA IDENTITY FULL");
        assertThat(run("setup", yaml()).err).contains("its replica identity is FULL and no unique index");
        source("CREATE UNIQUE INDEX orders_id ON shop.orders (id)");
        assertThat(run("setup", yaml()).exitCode).isZero();
    }

    @Test
    void aKeyThatIsNotTheIdentityIsRefused() throws Exception {
        Ran refused =
                run("setup", yaml().replace("source: shop.orders, key: [id]", "source: shop.orders, key: [customer]"));

        assertThat(refused.err)
                .contains("the pipeline's key is [customer] but its replica identity is [id]")
                .contains("Correct tables.orders.key");
    }

    @Test
    void aPartitionWithoutIdentityIsRefused() throws Exception {
        source("ALTER TABLE shop.events_1 REPLICA IDENTITY NOTHING");

        assertThat(run("setup", yaml()).err)
                .contains("shop.events: 1 of its partitions have no usable replica identity, such as shop.events_1");
    }

    @Test
    void aMissingTableIsNamed() throws Exception {
        assertThat(run("setup", yaml().replace("shop.orders", "shop.oders")).err)
                .contains("Cannot publish the source table shop.oders: it does not exist");
    }

    @Test
    void aSlotOfAnotherPluginIsRefused() throws Exception {
        source("SELECT pg_create_logical_replication_slot('shop', 'test_decoding')");
        try {
            assertThat(run("setup", yaml()).err)
                    .contains("Cannot use the replication slot shop: its plugin is test_decoding, not pgoutput");
            assertThat(run("teardown", yaml()).out).contains("slot shop is not there");
        } finally {
            source("SELECT pg_drop_replication_slot('shop')");
        }
    }

    @Test
    void aSlotThatWaitsForOpenTransactionsNamesThem() throws Exception {
        Pipeline pipeline = PipelineFile.read(file(yaml()).toString());
        try (Connection open = pipeline.source().open();
                Connection connection = pipeline.source().open();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO shop.orders VALUES (1, 'a', 'b')");
            String pid = first(open, "SELECT pg_backend_pid()");
            SourceSlot slot = new SourceSlot(connection, pipeline.source(), Duration.ofSeconds(1));

            Assertions.assertThatThrownBy(() -> slot.setUp(new PrintWriter(new StringWriter())))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("PostgreSQL waits for open transactions to end: pid " + pid);
        }
        assertThat(source("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
    }

    @Test
    void anExistingTableWithOtherColumnsIsRefused() throws Exception {
        run("setup", yaml());
        target("ALTER TABLE report.sales MODIFY total decimal(20,1)");
        assertThat(run("setup", yaml()).err)
                .contains(
                        "Cannot publish into the existing MySQL table sales: column total is decimal(20,1) null, it should be decimal(20,2) null");

        target("ALTER TABLE report.sales MODIFY total decimal(20,2), ADD COLUMN more int");
        assertThat(run("setup", yaml()).err).contains("column more is not in the pipeline file");

        target("ALTER TABLE report.sales DROP COLUMN more, MODIFY item varchar(40) COLLATE utf8mb4_bin NOT NULL");
        assertThat(run("setup", yaml()).err)
                .contains("column item is varchar(40) collate utf8mb4_bin not null in the primary key");
    }

    @Test
    void wrongCredentialsAreNamedAndNotShown() throws Exception {
        String other =
                Files.writeString(folder.resolve("wrong"), "wrong-secret").toString();
        Ran refused = run("setup", yaml().replace("file:" + folder.resolve("mysql"), "file:" + other));

        assertThat(refused.exitCode).isEqualTo(1);
        assertThat(refused.err).contains("Cannot connect to MySQL").doesNotContain("wrong-secret");
        assertNoSecret(refused.err);
    }

    @Test
    void publishBeforeBackfillNamesTheCommand() throws Exception {
        run("setup", yaml());

        Ran refused = run("publish", yaml());

        assertThat(refused.exitCode).isEqualTo(1);
        assertThat(refused.err)
                .contains("Cannot publish: curated table sales is not built yet. Run \"headwater backfill\" first.");
    }

    @Test
    void statusOfAFreshPipelineShowsWhatIsThereYet() throws Exception {
        run("setup", yaml());

        Ran status = run("status", yaml());

        assertThat(status.exitCode).isZero();
        assertThat(status.out)
                .contains("| source")
                .contains("slot inactive")
                .containsPattern("raw +\\| changes .*not there yet")
                .containsPattern("curated +\\| sales .*not there yet")
                .containsPattern("mysql +\\| report .*nothing published yet");
        assertThat(run("status", yaml(), "--json").out).contains("\"problem\" : \"not there yet\"");
    }

    private void assertNoSecret(String text) {
        assertThat(text)
                .doesNotContain(servers.postgres().password())
                .doesNotContain(servers.mySql().password())
                .doesNotContain(servers.s3().secretKey());
    }

    private Ran run(String command, String yaml, String... options) throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new Publish())
                .setExecutionExceptionHandler(new CommandLineErrors())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 3];
        arguments[0] = command;
        arguments[1] = "--pipeline";
        arguments[2] = file(yaml).toString();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return new Ran(line.execute(arguments), out.toString(), err.toString());
    }

    private Path file(String yaml) throws Exception {
        return Files.writeString(folder.resolve("shop.yaml"), yaml);
    }

    private String yaml() throws Exception {
        Path postgres =
                Files.writeString(folder.resolve("postgres"), servers.postgres().password());
        Path mySql = Files.writeString(folder.resolve("mysql"), servers.mySql().password());
        return """
                name: shop
                source: {url: "%s", user: headwater, password: "file:%s", slot: shop, publication: shop}
                lake:
                  root: "s3a://new-lake/shop"
                  options: {fs.s3a.endpoint: "%s", fs.s3a.endpoint.region: us-east-1, fs.s3a.path.style.access: "true"}
                target: {url: "%s", user: headwater, password: "file:%s"}
                tables:
                  orders: {source: shop.orders, key: [id], columns: {id: id, customer: customer}}
                  events: {source: shop.events, key: [id], columns: {id: id}}
                curated:
                  sales:
                    key: [year, item]
                    partitionBy: [year]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {year: smallint, item: varchar(40), total: "DECIMAL(20, 2)"}
                """.formatted(
                        servers.postgres().url(),
                        postgres,
                        servers.s3().url(),
                        servers.mySql().url(),
                        mySql);
    }

    private String source(String sql) throws SQLException {
        try (Connection connection = java.sql.DriverManager.getConnection(
                servers.postgres().url(), "headwater", servers.postgres().password())) {
            return first(connection, sql);
        }
    }

    private String target(String sql) throws SQLException {
        String server = servers.mySql().url().replace("/report", "/information_schema");
        try (Connection connection = java.sql.DriverManager.getConnection(
                server, "headwater", servers.mySql().password())) {
            return first(connection, sql);
        }
    }

    private static String first(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet row = statement.getResultSet()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }
}
