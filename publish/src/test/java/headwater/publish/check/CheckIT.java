package headwater.publish.check;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.publish.ShopServers;
import headwater.publish.ShopServers.Ran;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckIT {
    private static final String SECRET = "aws.secretAccessKey";
    private static final Path FOLDER = Path.of("target", "check-it").toAbsolutePath();

    private static ShopServers shop;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServers() {
        shop = new ShopServers(FOLDER);
    }

    @AfterAll
    static void stopServers() {
        shop.close();
    }

    @BeforeEach
    void createTables() throws Exception {
        shop.createTables();
    }

    @AfterEach
    void dropTables() throws Exception {
        shop.dropTables();
    }

    @Test
    void namesThatTheLakeDoesNotTakeAreNamedBeforeAnythingIsLoaded() throws Exception {
        shop.source("ALTER TABLE shop.orders ADD COLUMN \"Unit Price ($)\" int, ADD COLUMN _load_id text,"
                + " ADD COLUMN \"Card\" text, ADD COLUMN \"a.b%c\" int");

        assertThat(shop.run("check", shop.yaml()).out())
                .contains("its column \"Unit Price ($)\" has a blank")
                .contains("its column \"_load_id\" has the name of a column that the lake adds. Name it in"
                        + " tables.orders.exclude, or rename it.")
                .contains("its columns card and Card differ only by case")
                .doesNotContain("a.b%c");

        shop.source("ALTER TABLE shop.orders DROP COLUMN \"Card\"");
        String excluding = shop.yaml()
                .replace(
                        "columns: {id: id, customer: customer}",
                        "columns: {id: id, customer: customer}, exclude: [\"Unit Price ($)\", _load_id]");
        assertThat(shop.run("check", excluding).out()).doesNotContain("Cannot load the source table");
    }

    @Test
    void aDatabaseWhoseTextsAreOnlyBytesIsAFault() throws Exception {
        try (Connection superuser = shop.servers().postgres().openAsSuperuser()) {
            ShopServers.first(
                    superuser,
                    "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' OWNER headwater");
            Ran found = check(shop.yaml().replace("/partd\"", "/bytes\""));

            assertThat(found.exitCode()).isEqualTo(1);
            assertThat(found.out() + found.err()).contains("Cannot capture from the database bytes", "SQL_ASCII");
            ShopServers.first(superuser, "DROP DATABASE bytes");
        }
    }

    @Test
    void aHealthyPipelineHasALineForEachAreaBeforeAndAfterSetup() throws Exception {
        shop.target("DROP DATABASE IF EXISTS report");
        String yaml = inBucket("headwater");

        Ran before = check(yaml);

        assertThat(before.out())
                .contains("Settings: pipeline shop, 2 source tables, 1 published tables")
                .containsPattern("PostgreSQL 17\\.\\d+ at 127\\.0\\.0\\.1:"
                        + shop.servers().postgres().port()
                        + ": ok as headwater, wal_level logical, free: 20 of 20 slots, 20 of 20 walsenders")
                .contains("PostgreSQL: 2 tables: ok")
                .contains("PostgreSQL: publication shop is not there yet: setup makes it")
                .contains("PostgreSQL: slot shop is not there yet: setup makes it")
                .contains("Lake at s3a://headwater/shop: ok")
                .contains("If-None-Match is atomic: of 8 writers at a time one won, 6 times")
                .containsPattern("MySQL 8\\.0\\.31 at 127\\.0\\.0\\.1:\\d+: ok as headwater")
                .contains("MySQL: database report is not there yet, and headwater may create it: setup makes it")
                .contains("check: 0 faults, ");
        assertThat(before.exitCode()).isZero();
        assertThat(shop.target("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'report'"))
                .isEqualTo("0");

        shop.run("setup", yaml);
        Ran after = check(yaml);

        assertThat(after.out())
                .contains("PostgreSQL: publication shop: ok")
                .containsPattern("PostgreSQL: slot shop: ok, confirmed up to \\S+, nothing reads it now")
                .contains("MySQL: database report: ok, headwater may create, alter, fill and drop tables there")
                .contains("check: 0 faults, ");
        assertThat(after.exitCode()).isZero();
        assertNothingLeft();
    }

    @Test
    void faultsOfAllServersAreSaidAtOnceAndSetupRefusesWithTheSameWords() throws Exception {
        shop.source("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey, ADD COLUMN origin regclass");
        String yaml = inBucket("headwater")
                .replace("shop.events", "shop.evens")
                .replace("customer: customer}", "customer: custmer}, mask: {crd: redact}, asText: [custmer]")
                .replace("decimal(20, 2)", "decmal(20, 2)")
                .replaceAll("file:[^\"]*mysql.pw", "file:" + Files.writeString(folder.resolve("pw"), "wrong-secret"));
        System.setProperty(SECRET, "another-secret");
        Ran found;
        Ran refused;
        try {
            found = check(yaml);
            refused = shop.run("setup", yaml);
        } finally {
            shop.servers().s3().useInThisJvm();
        }

        assertThat(found.exitCode()).isEqualTo(1);
        List<String> faults = faults(found);
        assertThat(faults)
                .anySatisfy(fault -> assertThat(fault)
                        .contains("Cannot publish the source table shop.orders: it has no usable replica identity"))
                .anySatisfy(fault -> assertThat(fault)
                        .contains("Cannot capture the source table shop.orders: column origin has the type regclass")
                        .contains("Name it in tables.orders.exclude, or change its type."))
                .anySatisfy(fault -> assertThat(fault)
                        .contains("Cannot use tables.orders.columns.customer reads custmer, a column that shop.orders"
                                + " does not have (did you mean customer?)"))
                .anySatisfy(fault -> assertThat(fault)
                        .contains(
                                "Cannot use tables.orders.mask names crd, a column that shop.orders does not have (did you"
                                        + " mean card?)"))
                .anySatisfy(
                        fault -> assertThat(fault)
                                .contains(
                                        "Cannot use tables.orders.asText names custmer, a column that shop.orders does not have"))
                .anySatisfy(fault ->
                        assertThat(fault).contains("Cannot publish the source table shop.evens: it does not exist."))
                .anySatisfy(fault -> assertThat(fault)
                        .contains("Cannot use the lake at s3a://headwater/shop")
                        .contains("the store refuses the AWS credentials"))
                .anySatisfy(fault -> assertThat(fault).contains("Cannot connect to MySQL at "))
                .hasSize(8);
        assertThat(found.out()).contains("check: 8 faults, ").doesNotContain("wrong-secret", "another-secret");
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("Cannot set up the pipeline shop, 8 things are at fault:");
        // a request has another id each time
        assertThat(faults)
                .allSatisfy(fault -> assertThat(refused.err()).contains(fault.replaceFirst(", Request ID.*", "")));
        assertThat(shop.source("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    @Test
    void logicalWalAndFreeSlotsAreNeeded() throws Exception {
        try (EmbeddedPostgres physical =
                EmbeddedPostgres.start(FOLDER.resolve("physical"), "wal_level=replica", "max_replication_slots=1")) {
            Path password = Files.writeString(folder.resolve("pw"), physical.password());
            String yaml = inBucket("headwater")
                    .replace(shop.servers().postgres().url(), physical.url())
                    .replaceAll("file:[^\"]*postgres.pw", "file:" + password);

            Ran oneFree = check(yaml);

            assertThat(oneFree.exitCode()).isEqualTo(1);
            assertThat(faults(oneFree))
                    .contains("Cannot capture from " + physical.url()
                            + ": wal_level is replica. Set wal_level = logical in"
                            + " postgresql.conf (on RDS rds.logical_replication = 1) and restart the server.")
                    .noneMatch(fault -> fault.contains("max_replication_slots"));
            assertThat(oneFree.out())
                    .contains("warning: PostgreSQL has 1 of 1 replication slots free (max_replication_slots):"
                            + " capture needs one, backfill one while it runs.");

            try (Connection connection = physical.openAsSuperuser()) {
                ShopServers.first(connection, "SELECT pg_create_physical_replication_slot('taken')");
            }
            assertThat(faults(check(yaml)))
                    .contains(
                            "PostgreSQL has 0 of 1 replication slots free (max_replication_slots): capture needs one, backfill"
                                    + " one while it runs. Raise max_replication_slots and restart the server, or end what holds them.");
        }
    }

    @Test
    void aRoleThatMayNotReplicateReadPublishOrCreateIsToldEachStatement() throws Exception {
        try (Connection superuser = shop.servers().postgres().openAsSuperuser()) {
            ShopServers.first(superuser, "CREATE ROLE weak LOGIN PASSWORD 'weak-password'");
            try {
                Ran found = check(asWeak());

                assertThat(faults(found))
                        .contains(
                                "Cannot capture as weak: the role may not replicate. Run ALTER ROLE \"weak\" REPLICATION as a"
                                        + " superuser (on RDS: GRANT rds_replication TO \"weak\").",
                                "Cannot publish the source table shop.orders: the role weak may not use its schema. Run GRANT"
                                        + " USAGE ON SCHEMA \"shop\" TO weak.",
                                "Cannot load the source table shop.orders: the role weak may not read it. Run GRANT SELECT ON"
                                        + " \"shop\".\"orders\" TO weak.",
                                "Cannot publish the source tables: weak does not own shop.orders (of headwater), shop.events (of"
                                        + " headwater). Run GRANT \"headwater\" TO \"weak\", or make it their owner.",
                                "Cannot create the publication as weak: the role may not create anything in the database partd."
                                        + " Run GRANT CREATE ON DATABASE \"partd\" TO \"weak\".");

                ShopServers.first(superuser, "GRANT headwater TO weak");
                ShopServers.first(superuser, "ALTER ROLE weak REPLICATION");
                assertThat(check(asWeak()).out()).contains("check: 0 faults");

                ShopServers.first(superuser, "REVOKE headwater FROM weak");
                ShopServers.first(superuser, "GRANT USAGE ON SCHEMA shop TO weak");
                ShopServers.first(superuser, "GRANT SELECT (id, customer) ON shop.orders TO weak");
                assertThat(faults(check(asWeak())))
                        .anySatisfy(fault -> assertThat(fault)
                                .contains(
                                        "shop.orders: the role weak may not read its columns card. Run GRANT SELECT"));
            } finally {
                ShopServers.first(superuser, "DROP OWNED BY weak");
                ShopServers.first(superuser, "DROP ROLE weak");
            }
        }
    }

    @Test
    void aSlotOfAnotherPluginOrDatabaseIsAFault() throws Exception {
        shop.source("SELECT pg_create_logical_replication_slot('shop', 'test_decoding')");
        try {
            assertThat(faults(check(inBucket("headwater"))))
                    .singleElement()
                    .asString()
                    .contains("Cannot use the replication slot shop: its plugin is test_decoding, not pgoutput")
                    .contains("give source.slot another name");
        } finally {
            shop.source("SELECT pg_drop_replication_slot('shop')");
        }
        shop.source("SELECT pg_create_physical_replication_slot('shop')");
        try {
            assertThat(faults(check(inBucket("headwater"))))
                    .singleElement()
                    .asString()
                    .contains("its plugin is none, it is physical, not pgoutput");
        } finally {
            shop.source("SELECT pg_drop_replication_slot('shop')");
        }
    }

    @Test
    void aPublicationThatDiffersIsAFaultThatSetupMends() throws Exception {
        shop.source("CREATE TABLE shop.other (id bigint PRIMARY KEY)");
        shop.source("CREATE PUBLICATION shop FOR TABLE shop.orders (id), shop.other");
        String yaml = inBucket("headwater");

        Ran found = check(yaml);

        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(faults(found))
                .containsExactly("Cannot capture by the publication shop: it lacks shop.events, has also shop.other,"
                        + " has other columns of shop.orders, does not publish every operation, or partitions under their own"
                        + " names. Run \"headwater setup\", which alters it.");
        assertThat(shop.run("setup", yaml).exitCode()).isZero();
        assertThat(check(yaml).exitCode()).isZero();
    }

    @Test
    void aGeneratedColumnIsNamedAndMayNotBeRead() throws Exception {
        shop.source("ALTER TABLE shop.orders ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) STORED");
        Ran named = check(inBucket("headwater"));
        assertThat(named.exitCode()).isZero();
        assertThat(named.out())
                .contains(
                        "note: the generated column twice of shop.orders is left out of the lake: changes do not carry it");

        Ran read = check(inBucket("headwater").replace("customer: customer", "customer: twice"));
        assertThat(faults(read))
                .containsExactly("Cannot use tables.orders.columns.customer reads twice, which is a generated column of"
                        + " shop.orders and so not in the lake. Correct the pipeline file.");
    }

    @Test
    void aMissingBucketIsAFaultThatSetupMends() throws Exception {
        Ran found = check(inBucket("absent-lake"));

        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(faults(found))
                .singleElement()
                .asString()
                .contains(
                        "Cannot use the lake at s3a://absent-lake/shop: the bucket does not exist. Correct lake.root, or run"
                                + " \"headwater setup\", which makes the bucket.");
        assertThat(Files.exists(FOLDER.resolve("s3/objects/absent-lake"))).isFalse();
    }

    @Test
    void aStoreThatIsDownIsOneFaultAndTheOthersAreLookedAt() throws Exception {
        String nobody = "http://127.0.0.1:" + freePort();
        Ran found = check(inBucket("headwater").replace(shop.servers().s3().url(), nobody));

        assertThat(faults(found))
                .singleElement()
                .asString()
                .contains("Cannot reach the lake at s3a://headwater/shop (endpoint " + nobody + ")")
                .contains("Check that the store is up");
        assertThat(found.out()).contains("PostgreSQL: 2 tables: ok").contains("MySQL 8.0.31 at ");
    }

    @Test
    void aLakeWhoseCommitsWouldNotBeConditionalIsAFault() throws Exception {
        String yaml =
                inBucket("headwater").replace("options: {", "options: {fs.s3a.create.conditional.enabled: \"false\", ");
        // Hadoop keeps one client per bucket in a JVM, with the options of its first use
        FileSystem.closeAll();
        Ran found;
        try {
            found = check(yaml);
        } finally {
            FileSystem.closeAll();
        }

        assertThat(faults(found))
                .singleElement()
                .asString()
                .contains("Cannot use the lake at s3a://headwater/shop: it cannot be written: ")
                .contains("Conditional Writes Unavailable");
        assertThat(found.out()).doesNotContain("If-None-Match is atomic");
    }

    @Test
    void aLakeInAFolderIsTriedWhereItIsOrWillBe() throws Exception {
        Ran absent = check(inFolder(folder.resolve("lake/shop")));
        assertThat(absent.exitCode()).isZero();
        assertThat(absent.out())
                .contains("the folder is not there yet: setup makes it")
                .contains("shop (the lake) has");
        assertThat(folder.resolve("lake")).doesNotExist();

        Files.createDirectories(folder.resolve("lake/shop"));
        Ran there = check(inFolder(folder.resolve("lake/shop")));
        assertThat(there.out()).contains(": ok, can be written, read, listed and deleted; a folder is for");
        assertThat(folder.resolve("lake/shop")).isEmptyDirectory();

        Path file = Files.writeString(folder.resolve("file"), "no folder");
        assertThat(faults(check(inFolder(file.resolve("lake")))))
                .singleElement()
                .asString()
                .contains(file + " is no folder in which ");
    }

    @Test
    void aMySqlUserWithoutRightsIsToldWhichAreMissing() throws Exception {
        shop.run("setup", inBucket("headwater"));
        try (Connection root = shop.servers().mySql().openAsRoot()) {
            ShopServers.first(root, "CREATE USER weak IDENTIFIED BY 'weak-password'");
            try {
                assertThat(faults(check(asWeakInMySql())))
                        .singleElement()
                        .asString()
                        .contains(
                                "Cannot publish into the MySQL database report: the user weak lacks DROP, CREATE, INDEX, ALTER,"
                                        + " INSERT, SELECT, UPDATE, DELETE, CREATE TEMPORARY TABLES there. Run GRANT ALL ON `report`.*");

                ShopServers.first(root, "GRANT SELECT, INSERT, UPDATE, CREATE ON report.* TO weak");
                assertThat(faults(check(asWeakInMySql())))
                        .singleElement()
                        .asString()
                        .contains("the user weak lacks DROP, INDEX, ALTER, DELETE, CREATE TEMPORARY TABLES there.");

                String withView = asWeakInMySql() + "views: {all sales: SELECT * FROM sales}\n";
                ShopServers.first(root, "GRANT ALL ON report.* TO weak");
                ShopServers.first(root, "REVOKE CREATE VIEW ON report.* FROM weak");
                assertThat(check(asWeakInMySql()).exitCode()).isZero();
                assertThat(faults(check(withView)))
                        .singleElement()
                        .asString()
                        .contains("the user weak lacks CREATE VIEW there.");

                ShopServers.first(root, "GRANT ALL ON report.* TO weak");
                assertThat(check(withView).exitCode()).isZero();
            } finally {
                ShopServers.first(root, "DROP USER weak");
            }
        }
        assertNothingLeft();
    }

    @Test
    void settingsOfMySqlThatHurtAreNamed() throws Exception {
        shop.run("setup", inBucket("headwater"));
        try (Connection root = shop.servers().mySql().openAsRoot()) {
            String mode = ShopServers.first(root, "SELECT @@GLOBAL.sql_mode");
            try {
                ShopServers.first(root, "SET GLOBAL sql_mode = 'ANSI_QUOTES'");
                ShopServers.first(root, "SET GLOBAL max_allowed_packet = 1048576");
                Ran warned = check(inBucket("headwater"));
                assertThat(warned.exitCode()).isZero();
                assertThat(warned.out())
                        .contains("warning: MySQL's sql_mode is \"ANSI_QUOTES\", which is not strict")
                        .contains(
                                "warning: MySQL's max_allowed_packet is 1048576 bytes, so a batch of rows goes in many");

                ShopServers.first(root, "SET GLOBAL max_allowed_packet = 65536");
                ShopServers.first(root, "SET GLOBAL read_only = ON");
                assertThat(faults(check(inBucket("headwater"))))
                        .anySatisfy(fault -> assertThat(fault)
                                .contains("max_allowed_packet is 65536 bytes, and one row may need 262144."))
                        .anySatisfy(fault -> assertThat(fault).contains("it is read-only (read_only=ON)"));
            } finally {
                ShopServers.first(root, "SET GLOBAL read_only = OFF");
                ShopServers.first(root, "SET GLOBAL max_allowed_packet = DEFAULT");
                ShopServers.first(root, "SET GLOBAL sql_mode = '" + mode + "'");
            }
        }
    }

    @Test
    void everyDifferenceOfAPublishedTableIsNamed() throws Exception {
        shop.run("setup", inBucket("headwater"));
        shop.target("ALTER TABLE report.sales MODIFY total int, ADD COLUMN more int");

        assertThat(faults(check(inBucket("headwater"))))
                .hasSize(2)
                .anySatisfy(fault -> assertThat(fault)
                        .contains("MySQL table sales: column total is int null, it should be decimal(20,2) null"))
                .anySatisfy(fault -> assertThat(fault).contains("column more is not in the pipeline file"));

        shop.target("DROP TABLE report.sales");
        assertThat(faults(check(inBucket("headwater").replace("DECIMAL(20, 2)", "DECMAL(20, 2)"))))
                .singleElement()
                .asString()
                .contains("Cannot create the MySQL table sales: ")
                .contains("Correct the types in curated.sales.columns of the pipeline file.");
    }

    @Test
    void aMySqlThatIsDownIsOneFaultAndTheOthersAreLookedAt() throws Exception {
        String nobody = "127.0.0.1:" + freePort();
        Ran found = check(inBucket("headwater")
                .replace("127.0.0.1:" + shop.servers().mySql().port(), nobody));

        assertThat(faults(found))
                .singleElement()
                .asString()
                .contains("Cannot connect to MySQL at jdbc:mysql://" + nobody + "/")
                .contains("Check that the server runs");
        assertThat(found.out()).contains("PostgreSQL: 2 tables: ok").contains("Lake at s3a://headwater/shop: ok");
    }

    @Test
    void faultsOfThePipelineFileAreWrongUse() throws Exception {
        Ran found =
                check(inBucket("headwater").replace("slot: shop", "slott: shop").replace("key: [id]", "key: [nr]"));

        assertThat(found.exitCode()).isEqualTo(2);
        assertThat(found.err())
                .contains("3 settings are invalid:")
                .contains("source.slott is not a setting (did you mean slot?)");
    }

    private static Ran check(String yaml) throws IOException {
        return shop.run("check", yaml);
    }

    /** The words of each fault, without the mark. */
    private static List<String> faults(Ran ran) {
        return ran.out()
                .lines()
                .filter(line -> line.startsWith("fault: "))
                .map(line -> line.substring("fault: ".length()))
                .toList();
    }

    private static String inBucket(String bucket) throws IOException {
        return shop.yaml().replace("new-lake", bucket);
    }

    private static String inFolder(Path lake) throws IOException {
        return shop.yaml().replace("s3a://new-lake/shop", "file:" + lake);
    }

    private String asWeak() throws IOException {
        Path password = Files.writeString(folder.resolve("weak"), "weak-password");
        return inBucket("headwater")
                .replaceAll(
                        "user: headwater, password: \"file:[^\"]*postgres.pw",
                        "user: weak, password: \"file:" + password);
    }

    private String asWeakInMySql() throws IOException {
        Path password = Files.writeString(folder.resolve("weak"), "weak-password");
        return inBucket("headwater")
                .replaceAll(
                        "user: headwater, password: \"file:[^\"]*mysql.pw", "user: weak, password: \"file:" + password);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** No probe outlives the look. */
    private static void assertNothingLeft() throws IOException, SQLException {
        try (Stream<Path> objects = Files.walk(FOLDER.resolve("s3/objects"))) {
            assertThat(objects.map(Path::toString)).noneMatch(object -> object.contains("probe"));
        }
        assertThat(shop.target(
                        "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'headwater_probe%'"))
                .isEqualTo("0");
    }
}
