package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Failure;
import headwater.publish.ShopServers.Ran;
import headwater.publish.setup.SourceSlot;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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

class SetupIT {
    private static ShopServers shop;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServers() {
        shop = new ShopServers(Path.of("target", "setup-it"));
    }

    @AfterAll
    static void stopServers() {
        shop.close();
    }

    @BeforeEach
    void createSource() throws SQLException {
        shop.createTables();
    }

    @AfterEach
    void dropSource() throws Exception {
        shop.dropTables();
    }

    @Test
    void setupSaysWhatItDidAndMayBeRepeated() throws Exception {
        shop.target("DROP DATABASE IF EXISTS report");
        String yaml = shop.yaml().replace("new-lake", "first-lake");
        Ran first = shop.run("setup", yaml);

        assertThat(first.err()).isEmpty();
        assertThat(first.exitCode()).isZero();
        assertThat(first.out())
                .contains("Lake: bucket first-lake created")
                .contains("If-None-Match is atomic")
                .contains("MySQL: database report created")
                .contains("MySQL: table sales created")
                .contains("PostgreSQL: publication shop created for shop.orders, shop.events")
                .contains("PostgreSQL: slot shop created at ");
        assertThat(shop.source("SELECT string_agg(schemaname || '.' || tablename, ',' ORDER BY tablename)"
                        + " FROM pg_publication_tables WHERE pubname = 'shop'"))
                .isEqualTo("shop.events,shop.orders");
        assertThat(shop.source("SELECT plugin || ' ' || database FROM pg_replication_slots WHERE slot_name = 'shop'"))
                .isEqualTo("pgoutput " + EmbeddedPostgres.DATABASE);
        assertThat(shop.target("SELECT table_collation FROM information_schema.tables WHERE table_name = 'sales'"))
                .isEqualTo("utf8mb4_0900_bin");
        assertThat(shop.target(
                        "SELECT group_concat(column_name, ' ', column_type, ' ', is_nullable ORDER BY ordinal_position)"
                                + " FROM information_schema.columns WHERE table_name = 'sales'"))
                .isEqualTo("year smallint NO,item varchar(40) NO,total decimal(20,2) YES");

        Ran second = shop.run("setup", yaml);

        assertThat(second.err()).isEmpty();
        assertThat(second.out())
                .doesNotContain("created")
                .contains("MySQL: table sales is there")
                .contains("PostgreSQL: publication shop is there")
                .contains("PostgreSQL: slot shop is there");

        Ran undone = shop.run("teardown", shop.yaml(), "--drop-target");
        assertThat(undone.out())
                .containsSubsequence(
                        "PostgreSQL: slot shop dropped",
                        "PostgreSQL: publication shop dropped",
                        "MySQL: table sales dropped");
        assertThat(shop.source("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
        assertThat(shop.target("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'report'"))
                .isEqualTo("0");
    }

    @Test
    void aSlotIsKeptOnStandbysWhereTheFileSaysSo() throws Exception {
        String kept = shop.yaml().replace("slot: shop,", "slot: shop, failover: true,");
        String failover = "SELECT failover::text FROM pg_replication_slots WHERE slot_name = 'shop'";

        assertThat(shop.run("setup", kept).out()).contains("PostgreSQL: slot shop created at ");
        assertThat(shop.source(failover)).isEqualTo("true");
        assertThat(shop.run("setup", shop.yaml()).out()).contains("slot shop is not kept on standbys any more");
        assertThat(shop.source(failover)).isEqualTo("false");
        assertThat(shop.run("setup", kept).out()).contains("PostgreSQL: slot shop is kept on standbys as well");
        assertThat(shop.source(failover)).isEqualTo("true");
        assertThat(shop.run("setup", kept).out()).doesNotContain("standbys");
    }

    @Test
    void aViewIsMadeAlteredAndDroppedAndReadsWithTheRightsOfWhoeverAsks() throws Exception {
        shop.target("CREATE DATABASE IF NOT EXISTS report COLLATE utf8mb4_0900_bin");
        String yaml = shop.yaml() + "views:\n  sales by year: SELECT year AS `Year`, total AS `Total $` FROM sales\n";

        assertThat(shop.run("setup", yaml).out()).contains("MySQL: view sales by year created");
        shop.target("INSERT INTO report.sales VALUES (2020, 'pen', 1.50)");
        try (Connection reader = DriverManager.getConnection(
                shop.servers().mySql().url(),
                EmbeddedMySql.REPORT_USER,
                shop.servers().mySql().reportPassword())) {
            assertThat(ShopServers.first(reader, "SELECT concat(`Year`, ' ', `Total $`) FROM `sales by year`"))
                    .isEqualTo("2020 1.50");
        }
        assertThat(shop.target("SELECT security_type FROM information_schema.views WHERE table_name = 'sales by year'"))
                .isEqualTo("INVOKER");
        assertThat(shop.run("setup", yaml.replace("SELECT year AS `Year`", "select year  as `Year`"))
                        .out())
                .contains("MySQL: view sales by year is there");
        assertThat(shop.run("setup", yaml.replace("Total $", "Total")).out())
                .contains("MySQL: view sales by year altered");

        Ran refused = shop.run("setup", yaml.replace("FROM sales", "FROM sails"));
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("Cannot create the MySQL view sales by year: Table 'report.sails' doesn't exist."
                        + " Correct views.sales by year in the pipeline file.");

        assertThat(shop.run("teardown", yaml, "--drop-target").out())
                .containsSubsequence("MySQL: view sales by year dropped", "MySQL: table sales dropped");
        assertThat(shop.target("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'report'"))
                .isEqualTo("0");
    }

    @Test
    void aPublicationOfOtherTablesOrColumnsIsAltered() throws Exception {
        shop.source("CREATE TABLE shop.other (id bigint PRIMARY KEY)");
        shop.source("CREATE PUBLICATION shop FOR TABLE shop.orders, shop.other");

        assertThat(shop.run("setup", shop.yaml()).out())
                .contains("PostgreSQL: publication shop altered to shop.orders, shop.events");
        assertThat(shop.source("SELECT pubviaroot FROM pg_publication WHERE pubname = 'shop'"))
                .isEqualTo("t");

        String excluding =
                shop.yaml().replace("columns: {id: id, customer: customer}", "columns: {id: id}, exclude: [card]");
        assertThat(shop.run("setup", excluding).out()).contains("publication shop altered");
        assertThat(shop.run("setup", excluding).out()).contains("publication shop is there");
        assertThat(
                        shop.source(
                                "SELECT attnames::text FROM pg_publication_tables WHERE pubname = 'shop' AND tablename = 'orders'"))
                .isEqualTo("{id,customer}");

        shop.source("ALTER TABLE shop.orders ADD COLUMN paid boolean");
        assertThat(shop.run("setup", excluding).out()).contains("publication shop altered");
    }

    @Test
    void aTableWithoutUsableIdentityIsRefused() throws Exception {
        shop.source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey");

        Ran refused = shop.run("setup", shop.yaml());

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("Cannot publish the source table shop.orders: it has no usable replica identity")
                .contains("Add a primary key");
        assertThat(shop.source("SELECT count(*) FROM pg_publication")).isEqualTo("0");

        shop.source("ALTER TABLE shop.orders REPLICA IDENTITY FULL");
        assertThat(shop.run("setup", shop.yaml()).err()).contains("its replica identity is FULL and no unique index");
        shop.source("CREATE UNIQUE INDEX orders_id ON shop.orders (id)");
        assertThat(shop.run("setup", shop.yaml()).exitCode()).isZero();
    }

    @Test
    void aKeyThatIsNotTheIdentityIsRefused() throws Exception {
        Ran refused = shop.run(
                "setup", shop.yaml().replace("source: shop.orders, key: [id]", "source: shop.orders, key: [customer]"));

        assertThat(refused.err())
                .contains("the pipeline's key is [customer] but its replica identity is [id]")
                .contains("Correct tables.orders.key");
    }

    @Test
    void aPartitionWithoutIdentityIsRefused() throws Exception {
        shop.source("ALTER TABLE shop.events_1 REPLICA IDENTITY NOTHING");

        assertThat(shop.run("setup", shop.yaml()).err())
                .contains(
                        "shop.events: 1 of its partitions have no usable replica identity or are UNLOGGED, such as shop.events_1");
    }

    @Test
    void aDeferrableKeyIsNoIdentityAndACoveringOneHasItsOwnColumnsOnly() throws Exception {
        shop.source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id) DEFERRABLE");
        assertThat(shop.run("setup", shop.yaml()).err())
                .contains("shop.orders: it has no usable replica identity (a deferrable key is none)");
        assertThat(shop.source("SELECT count(*) FROM pg_publication")).isEqualTo("0");

        shop.source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id) INCLUDE (customer)");
        assertThat(shop.run("setup", shop.yaml()).exitCode()).isZero();

        shop.source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, REPLICA IDENTITY FULL");
        shop.source("CREATE UNIQUE INDEX orders_key ON shop.orders (id) INCLUDE (card)");
        assertThat(shop.run("setup", shop.yaml()).exitCode()).isZero();
    }

    @Test
    void rowsThatALoadOrTheWalWouldLackAreRefused() throws Exception {
        shop.source("ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY");
        assertThat(shop.run("check", shop.yaml()).out()).doesNotContain("row level security");
        shop.source("ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY");
        assertThat(shop.run("check", shop.yaml()).out())
                .contains("shop.orders: row level security hides rows of it from the role headwater")
                .contains("Run ALTER ROLE \"headwater\" BYPASSRLS");
        shop.source("ALTER TABLE shop.orders NO FORCE ROW LEVEL SECURITY");

        shop.source("ALTER TABLE shop.orders SET UNLOGGED");
        assertThat(shop.run("setup", shop.yaml()).err()).contains("shop.orders: it is UNLOGGED");
        shop.source("ALTER TABLE shop.orders SET LOGGED");

        shop.source("CREATE TABLE shop.old_orders () INHERITS (shop.orders)");
        assertThat(shop.run("setup", shop.yaml()).err()).contains("shop.orders: other tables inherit from it");
    }

    @Test
    void aPublicationThatAnotherPipelineMadeIsLeftAlone() throws Exception {
        shop.run("setup", shop.yaml());
        String other = shop.yaml()
                .replace("slot: shop", "slot: other")
                .replace("s3a://new-lake/shop", "s3a://new-lake/other")
                .replace("  orders: {source: shop.orders, key: [id], columns: {id: id, customer: customer}}\n", "")
                .replace("affectedBy: {orders", "affectedBy: {events");

        Ran refused = shop.run("setup", other);

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("Cannot use the publication shop: it is of another pipeline (headwater slot shop)")
                .contains("Give source.publication another name");
        assertThat(shop.source("SELECT count(*) FROM pg_publication_tables")).isEqualTo("2");
    }

    @Test
    void aTableThatCameBackIntoThePublicationIsSaidToNeedALoad() throws Exception {
        shop.run("setup", shop.yaml());
        shop.source("ALTER PUBLICATION shop DROP TABLE shop.orders");

        assertThat(shop.run("setup", shop.yaml()).out())
                .contains("The source table shop.orders had left the publication, or was put into it anew")
                .contains("Run \"headwater backfill --table orders\".")
                .doesNotContain("The source table shop.events");
        assertThat(shop.run("setup", shop.yaml()).out()).doesNotContain("The source table shop.orders");
    }

    @Test
    void aMissingTableIsNamed() throws Exception {
        assertThat(shop.run("setup", shop.yaml().replace("shop.orders", "shop.oders"))
                        .err())
                .contains("Cannot publish the source table shop.oders: it does not exist");
    }

    @Test
    void aSlotOfAnotherPluginIsRefused() throws Exception {
        shop.source("SELECT pg_create_logical_replication_slot('shop', 'test_decoding')");
        try {
            assertThat(shop.run("setup", shop.yaml()).err())
                    .contains("Cannot use the replication slot shop: its plugin is test_decoding, not pgoutput");
            assertThat(shop.run("teardown", shop.yaml()).out()).contains("slot shop is not there");
        } finally {
            shop.source("SELECT pg_drop_replication_slot('shop')");
        }
    }

    @Test
    void aSlotThatWaitsForOpenTransactionsNamesThem() throws Exception {
        Pipeline pipeline = PipelineFile.read(shop.file(shop.yaml()).toString());
        try (Connection open = pipeline.source().open();
                Connection connection = pipeline.source().open();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO shop.orders VALUES (1, 'a', 'b')");
            String pid = ShopServers.first(open, "SELECT pg_backend_pid()");
            SourceSlot slot = new SourceSlot(connection, pipeline.source(), Duration.ofSeconds(1));

            Assertions.assertThatThrownBy(() -> slot.setUp(new PrintWriter(new StringWriter())))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("PostgreSQL waits for open transactions to end: pid " + pid);
        }
        assertThat(shop.source("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
    }

    @Test
    void anExistingTableWithOtherColumnsIsRefused() throws Exception {
        shop.run("setup", shop.yaml());
        shop.target("ALTER TABLE report.sales MODIFY total decimal(20,1)");
        assertThat(shop.run("setup", shop.yaml()).err())
                .contains(
                        "Cannot publish into the existing MySQL table sales: column total is decimal(20,1) null, it should be decimal(20,2) null");

        shop.target("ALTER TABLE report.sales MODIFY total decimal(20,2), ADD COLUMN more int");
        assertThat(shop.run("setup", shop.yaml()).err()).contains("column more is not in the pipeline file");

        shop.target("ALTER TABLE report.sales DROP COLUMN more, MODIFY item varchar(40) COLLATE utf8mb4_bin NOT NULL");
        assertThat(shop.run("setup", shop.yaml()).err())
                .contains("column item is varchar(40) collate utf8mb4_bin not null in the primary key");
    }

    @Test
    void whatMakesAnUpsertChangeOtherRowsIsRefused() throws Exception {
        shop.run("setup", shop.yaml());
        shop.target("CREATE UNIQUE INDEX by_total ON report.sales (total)");
        assertThat(shop.run("check", shop.yaml()).out())
                .contains("MySQL table sales: it has the UNIQUE index by_total")
                .contains("Drop the index");
        shop.target("DROP INDEX by_total ON report.sales");

        shop.target("ALTER TABLE report.sales ENGINE = MyISAM");
        assertThat(shop.run("setup", shop.yaml()).err()).contains("its engine is MyISAM, which has no transactions");
        shop.target("ALTER TABLE report.sales ENGINE = InnoDB");

        shop.target("ALTER TABLE report.sales DROP PRIMARY KEY, ADD PRIMARY KEY (item, year)");
        assertThat(shop.run("setup", shop.yaml()).err())
                .contains("its primary key is [item, year], and the pipeline's [year, item], in another order");
        shop.target("ALTER TABLE report.sales DROP PRIMARY KEY, ADD PRIMARY KEY (year, item)");
        assertThat(shop.run("setup", shop.yaml()).exitCode()).isZero();
    }

    @Test
    void aTableThatAnotherPipelinePublishesIsNotTakenOver() throws Exception {
        shop.run("setup", shop.yaml());
        shop.target("INSERT INTO report.headwater_table VALUES ('other', 'sales', 1, 1, 1, 'id', 0, 0, NOW(6))");

        assertThat(shop.run("setup", shop.yaml()).err())
                .contains("Cannot publish the table sales: by headwater_table it belongs to the pipeline other")
                .contains("Name another database in target.url");
        assertThat(shop.run("check", shop.yaml()).out()).contains("it belongs to the pipeline other");
        shop.target("DELETE FROM report.headwater_table WHERE pipeline = 'other'");
    }

    @Test
    void wrongCredentialsAreNamedAndNotShown() throws Exception {
        String other =
                Files.writeString(folder.resolve("wrong"), "wrong-secret").toString();
        Ran refused = shop.run("setup", shop.yaml().replaceAll("file:[^\"]*mysql.pw", "file:" + other));

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("Cannot connect to MySQL").doesNotContain("wrong-secret");
    }

    @Test
    void publishBeforeBackfillNamesTheCommand() throws Exception {
        shop.run("setup", shop.yaml());

        Ran refused = shop.run("publish", shop.yaml());

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err())
                .contains("Cannot publish: curated table sales is not built yet. Run \"headwater backfill\" first, ");
    }

    @Test
    void statusOfAFreshPipelineShowsWhatIsThereYet() throws Exception {
        shop.run("setup", shop.yaml());

        Ran status = shop.run("status", shop.yaml());

        assertThat(status.exitCode()).isZero();
        assertThat(status.out())
                .contains("| source")
                .contains("slot inactive")
                .containsPattern("raw +\\| changes .*not there yet")
                .containsPattern("curated +\\| sales .*not there yet")
                .containsPattern("mysql +\\| report .*nothing published yet");
        assertThat(shop.run("status", shop.yaml(), "--json").out()).contains("\"problem\" : \"not there yet\"");
    }
}
