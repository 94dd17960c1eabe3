package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedServers;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Inputs that people who move changes for a living have been bitten by, from the source to MySQL: each ends with the right
 * rows, or is refused before anything is made, or is said with the command that mends it, which then does.
 */
@Tag("nightly")
class CasesIT {
    private static final Path FOLDER = Path.of("target", "cases").toAbsolutePath();

    private static EmbeddedServers servers;

    @BeforeAll
    static void startServers() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    private static CaseRun run(String name, String tables) throws IOException {
        return new CaseRun(servers.postgres(), CaseRun.Target.of(servers.mySql()), FOLDER, name, tables);
    }

    /** A type of a key: three values that rows move between, and the MySQL type of the key's text. */
    private record KeyType(String name, String type, String one, String two, String three) {}

    private static final List<KeyType> KEYS = List.of(
            new KeyType("int", "bigint", "1", "2", "-9223372036854775808"),
            new KeyType("text", "text", "'é'", "'e\u0301'", "'a '"),
            new KeyType("chars", "char(5)", "'a'", "'b'", "'c d'"),
            new KeyType("money", "numeric(10,2)", "1.00", "2.50", "-3"),
            new KeyType(
                    "uuid",
                    "uuid",
                    "'00000000-0000-0000-0000-000000000001'",
                    "'11111111-0000-0000-0000-000000000002'",
                    "'fFfFfFfF-0000-0000-0000-000000000003'"),
            new KeyType("day", "date", "'1582-10-10'", "'1582-10-15'", "'0001-01-01'"),
            new KeyType(
                    "moment",
                    "timestamptz",
                    "'1582-10-10 00:00:00+00'",
                    "'2024-03-31 02:30:00.000001+02'",
                    "'1969-12-31 23:59:59.999999+00'"),
            new KeyType("flag", "boolean", "true", "false", "NULL"));

    @Test
    void keysOfEveryType() throws Exception {
        StringBuilder tables = new StringBuilder("tables:\n");
        StringBuilder curated = new StringBuilder("curated:\n");
        List<String> before = new ArrayList<>(List.of("CREATE SCHEMA keys"));
        List<String> after = new ArrayList<>();
        for (KeyType key : KEYS) {
            String table = "keys.k_" + key.name();
            tables.append("  k_%1$s: {source: $.k_%1$s, key: [k], columns: {k: k, v: v}}\n".formatted(key.name()));
            curated.append("""
                      m_%1$s:
                        key: [k]
                        sql: SELECT CAST(k AS string) AS k, v FROM k_%1$s
                        affectedBy: {k_%1$s: SELECT CAST(k AS string) AS k FROM changes}
                        columns: {k: varchar(60), v: varchar(20)}
                    """.formatted(key.name()));
            before.add("CREATE TABLE " + table + " (k " + key.type() + " PRIMARY KEY, v text)");
            before.add("INSERT INTO " + table + " VALUES (" + key.one() + ", 'one'), (" + key.two() + ", 'two')");
            after.add("UPDATE " + table + " SET v = 'updated' WHERE k = " + key.one());
            after.add("DELETE FROM " + table + " WHERE k = " + key.two());
            after.add("INSERT INTO " + table + " VALUES (" + key.two() + ", 'back')");
            if (!key.three().equals("NULL")) {
                after.add("UPDATE " + table + " SET k = " + key.three() + " WHERE k = " + key.one());
                after.add("INSERT INTO " + table + " VALUES (" + key.one() + ", 'again')");
            }
        }
        try (CaseRun run = run("keys", tables.toString() + curated)) {
            run.source(before.toArray(String[]::new));
            run.load();
            assertKeys(run);

            run.source(after.toArray(String[]::new));
            run.arrive();
            assertKeys(run);
        }
    }

    private static void assertKeys(CaseRun run) throws SQLException {
        for (KeyType key : KEYS) {
            String k = switch (key.name()) {
                case "moment" ->
                    "regexp_replace(to_char(k AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '\\.?0+$', '')";
                case "chars" -> "rpad(k::text, 5)";
                case "day" -> "to_char(k, 'YYYY-MM-DD')";
                default -> "k::text";
            };
            String mart = "SELECT k, v FROM m_" + key.name();
            run.assertSame(mart, "SELECT " + k + ", v FROM $.k_" + key.name());
        }
    }

    @Test
    void oddIdentitiesValuesAndNames() throws Exception {
        String tables = """
                tables:
                  price: {source: $.price, key: [sku], columns: {sku: sku, cents: cents}}
                  code: {source: $.code, key: [code], columns: {code: code, v: v}}
                  sale: {source: $.sale, key: [id], columns: {id: id, region: region, amount: amount}}
                  again: {source: $.sale, key: [id], columns: {id: id, twice: amount * 2}}
                  odd: {source: $.odd, key: [id], columns: {id: id, a: "`a.b`", b: "`select`", c: "`100%`"}, exclude: ["Unit Price ($)", "a,b"]}
                curated:
                  prices: {key: [sku], sql: "SELECT * FROM price", affectedBy: {price: SELECT sku FROM changes}, columns: {sku: varchar(20), cents: int}}
                  codes: {key: [code], sql: "SELECT * FROM code", affectedBy: {code: SELECT code FROM changes}, columns: {code: varchar(20), v: int}}
                  sales: {key: [region, id], partitionBy: [region], sql: "SELECT region, id, amount FROM sale", affectedBy: {sale: "SELECT region, id FROM changes"}, columns: {region: varchar(200), id: bigint, amount: int}}
                  doubled: {key: [id], sql: "SELECT * FROM again", affectedBy: {again: SELECT id FROM changes}, columns: {id: bigint, twice: int}}
                  odds: {key: [id], sql: "SELECT * FROM odd", affectedBy: {odd: SELECT id FROM changes}, columns: {id: bigint, a: varchar(20), b: varchar(20), c: varchar(20)}}
                """;
        try (CaseRun run = run("odd", tables)) {
            run.source(
                    "CREATE SCHEMA odd",
                    // a covering key; and identity FULL with another unique index first by name, which is nullable
                    "CREATE TABLE $.price (sku text, name text NOT NULL, cents int, PRIMARY KEY (sku) INCLUDE (name))",
                    "INSERT INTO $.price VALUES ('a', 'A', 1), ('b', 'B', 2)",
                    "CREATE TABLE $.code (code text NOT NULL, ext text, v int)",
                    "CREATE UNIQUE INDEX a_ext ON $.code (ext)",
                    "CREATE UNIQUE INDEX b_code ON $.code (code)",
                    "ALTER TABLE $.code REPLICA IDENTITY FULL",
                    "INSERT INTO $.code VALUES ('loaded', NULL, 1)",
                    "CREATE TABLE $.sale (id bigint PRIMARY KEY, region text, amount int)",
                    "INSERT INTO $.sale VALUES (1, 'a/b', 1), (2, 'a%2Fb', 2), (3, ' ', 3), (4, 'ä=:*?\"', 4), (5, 'null', 5)",
                    "CREATE TABLE $.odd (id bigint PRIMARY KEY, \"a.b\" text, \"select\" text, \"100%\" text, \"Unit Price ($)\" int, \"a,b\" int)",
                    "INSERT INTO $.odd VALUES (1, 'x', 'y', 'z', 1, 2)");
            run.load();
            assertOdd(run);

            run.source(
                    "UPDATE $.price SET cents = 11 WHERE sku = 'a'",
                    "UPDATE $.price SET sku = 'c' WHERE sku = 'b'",
                    "INSERT INTO $.code VALUES ('x', NULL, 2), ('y', NULL, 3), ('z', 'e', 4)",
                    "UPDATE $.code SET v = 33 WHERE code = 'y'",
                    "DELETE FROM $.code WHERE code = 'loaded'",
                    "UPDATE $.sale SET region = 'A/B' WHERE id = 1",
                    "UPDATE $.sale SET amount = 44 WHERE id = 4",
                    "INSERT INTO $.sale VALUES (6, 'a b', 6)",
                    "UPDATE $.odd SET \"a.b\" = 'changed', \"a,b\" = 3");
            run.arrive();
            assertOdd(run);
        }
    }

    private static void assertOdd(CaseRun run) throws SQLException {
        run.assertSame("SELECT sku, cents FROM prices", "SELECT sku, cents FROM $.price");
        run.assertSame("SELECT code, v FROM codes", "SELECT code, v FROM $.code");
        run.assertSame("SELECT region, id, amount FROM sales", "SELECT region, id, amount FROM $.sale");
        run.assertSame("SELECT id, twice FROM doubled", "SELECT id, amount * 2 FROM $.sale");
        run.assertSame("SELECT id, a, b, c FROM odds", "SELECT id, \"a.b\", \"select\", \"100%\" FROM $.odd");
    }

    @Test
    void whatPostgresDoesWithoutAnEventIsSaidWithTheLoadThatMendsIt() throws Exception {
        String tables = """
                tables:
                  orders: {source: $.orders, key: [id], columns: {id: id, amount: amount}}
                  reading: {source: $.reading, key: [day, id], columns: {day: day, id: id, v: v}}
                  account: {source: $.account, key: [id], columns: {id: id, name: name}}
                  item: {source: $.item, key: [id], columns: {id: id, name: name}}
                curated:
                  orders_m: {key: [id], sql: "SELECT * FROM orders", affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint, amount: int}}
                  reading_m: {key: [day, id], sql: "SELECT * FROM reading", affectedBy: {reading: "SELECT day, id FROM changes"}, columns: {day: date, id: bigint, v: int}}
                  account_m: {key: [id], sql: "SELECT * FROM account", affectedBy: {account: SELECT id FROM changes}, columns: {id: bigint, name: varchar(20)}}
                  item_m: {key: [id], sql: "SELECT * FROM item", affectedBy: {item: SELECT id FROM changes}, columns: {id: bigint, name: varchar(20)}}
                """;
        try (CaseRun run = run("quiet", tables)) {
            run.source(
                    "CREATE SCHEMA quiet",
                    "CREATE TABLE $.orders (id bigint PRIMARY KEY, amount int)",
                    "INSERT INTO $.orders SELECT g, g * 100 FROM generate_series(1, 6) g",
                    "CREATE TABLE $.reading (day date, id bigint, v int, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                    "CREATE TABLE $.r22 PARTITION OF $.reading FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')",
                    "CREATE TABLE $.r23 PARTITION OF $.reading FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
                    "INSERT INTO $.reading SELECT make_date(y, 6, g), g, y FROM generate_series(2022, 2023) y, generate_series(1, 3) g",
                    "CREATE TABLE $.account (id bigint PRIMARY KEY, name text)",
                    "INSERT INTO $.account SELECT g, 'n' || g FROM generate_series(1, 5) g",
                    "CREATE TABLE $.item (id bigint PRIMARY KEY, name text)",
                    "INSERT INTO $.item SELECT g, 'i' || g FROM generate_series(1, 4) g");
            run.load();
            run.source(
                    "CREATE TABLE $.orders_new (id bigint PRIMARY KEY, amount int)",
                    "INSERT INTO $.orders_new SELECT id, amount / 100 FROM $.orders",
                    "ALTER TABLE $.orders RENAME TO orders_old",
                    "ALTER TABLE $.orders_new RENAME TO orders",
                    "UPDATE $.orders SET amount = 7 WHERE id = 1",
                    "TRUNCATE $.r22",
                    "CREATE TABLE $.r24 (LIKE $.reading INCLUDING ALL)",
                    "INSERT INTO $.r24 VALUES ('2024-06-01', 1, 2024)",
                    "ALTER TABLE $.reading ATTACH PARTITION $.r24 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
                    "ALTER TABLE $.account ALTER COLUMN name TYPE text USING upper(name)",
                    "UPDATE $.item SET name = 'goes on' WHERE id = 1");
            CaseRun.await(() -> run.log("capture").contains("quiet.account was rewritten")
                    && run.log("capture").contains("quiet.orders is not in the publication"));
            assertThat(run.log("capture")).contains("headwater backfill --table reading");
            assertThat(run.run("setup")).isZero();
            assertThat(run.run("check")).isEqualTo(1);
            assertThat(run.output("check"))
                    .contains("The source table quiet.orders")
                    .contains("The source table quiet.reading")
                    .contains("The source table quiet.account")
                    .doesNotContain("The source table quiet.item");
            run.arrive();
            run.assertSame("SELECT id, name FROM item_m", "SELECT id, name FROM $.item");

            for (String table : List.of("orders", "reading", "account")) {
                assertThat(run.run("backfill", "--table", table)).isZero();
            }
            run.source("UPDATE $.orders SET amount = 8 WHERE id = 2");
            run.arrive();

            run.assertSame("SELECT id, amount FROM orders_m", "SELECT id, amount FROM $.orders");
            run.assertSame("SELECT day, id, v FROM reading_m", "SELECT day, id, v FROM $.reading");
            run.assertSame("SELECT id, name FROM account_m", "SELECT id, name FROM $.account");
            assertThat(run.run("check")).as(() -> run.output("check")).isZero();
        }
    }

    @Test
    void aPublicationThatWasMadeAnewIsSaidWithTheWayOn() throws Exception {
        String tables = """
                tables:
                  t: {source: $.t, key: [id], columns: {id: id, v: v}}
                curated:
                  anew_m: {key: [id], sql: "SELECT * FROM t", affectedBy: {t: SELECT id FROM changes}, columns: {id: bigint, v: varchar(20)}}
                """;
        try (CaseRun run = run("anew", tables)) {
            run.source(
                    "CREATE SCHEMA anew",
                    "CREATE TABLE $.t (id bigint PRIMARY KEY, v text)",
                    "INSERT INTO $.t VALUES (1, 'a'), (2, 'b')");
            run.load();
            run.stopCapture();
            run.source(
                    "UPDATE $.t SET v = 'before' WHERE id = 1",
                    "DROP PUBLICATION anew",
                    "UPDATE $.t SET v = 'without' WHERE id = 2",
                    "DELETE FROM $.t WHERE id = 1");
            assertThat(run.run("setup")).isZero();
            run.startCapture();
            assertThat(run.awaitCaptureEnd())
                    .contains("the slot still holds changes of before the publication was made")
                    .contains("headwater capture --accept-loss");

            assertThat(run.run("teardown")).isZero();
            assertThat(run.run("setup")).isZero();
            run.startCapture("--accept-loss");
            assertThat(run.run("backfill", "--table", "t")).isZero();
            run.source("INSERT INTO $.t VALUES (3, 'after')");
            run.arrive();

            run.assertSame("SELECT id, v FROM anew_m", "SELECT id, v FROM $.t");
        }
    }

    @Test
    void settingsOfTheRoleDoNotMatter() throws Exception {
        String tables = """
                tables:
                  event: {source: $.event, key: [id], columns: {id: id, at: at, x: x, note: note}}
                curated:
                  events: {key: [id], sql: "SELECT id, CAST(at AS string) AS at, CAST(x AS string) AS x, note FROM event", affectedBy: {event: SELECT id FROM changes}, columns: {id: bigint, at: varchar(40), x: varchar(40), note: varchar(40)}}
                """;
        List<String> settings = List.of(
                "statement_timeout TO '300ms'",
                "lock_timeout TO '300ms'",
                "idle_in_transaction_session_timeout TO '1s'",
                "transaction_timeout TO '2s'",
                "default_transaction_read_only TO on",
                "datestyle TO 'German, DMY'",
                "timezone TO 'Asia/Tokyo'",
                "extra_float_digits TO 0",
                "default_transaction_isolation TO 'serializable'");
        try (CaseRun run = run("settings", tables)) {
            run.source(
                    "CREATE SCHEMA settings",
                    "CREATE TABLE $.event (id bigint PRIMARY KEY, at timestamp, x float8, note text)",
                    "INSERT INTO $.event SELECT g, timestamp '2024-03-31' + g * interval '13 minutes', g / 3.0, 'n' || g FROM generate_series(1, 20000) g");
            for (String setting : settings) {
                superuser("ALTER ROLE headwater SET " + setting);
            }
            try {
                assertThat(run.run("setup")).as(() -> run.output("setup")).isZero();
                run.startCapture();
                assertThat(run.run("backfill", "--rate", "5000"))
                        .as(() -> run.output("backfill"))
                        .isZero();
                superuser("UPDATE settings.event SET note = 'changed' WHERE id % 2 = 0");
                superuser("SELECT pg_logical_emit_message(true, 'test.end', '')");
                CaseRun.await(() -> run.log("capture").contains("rows=1000"));
                assertThat(run.run("merge")).as(() -> run.output("merge")).isZero();
                assertThat(run.run("publish")).as(() -> run.output("publish")).isZero();
            } finally {
                superuser("ALTER ROLE headwater RESET ALL");
            }
            run.assertSame(
                    "SELECT id, x, note FROM events",
                    "SELECT id, CASE WHEN x = trunc(x) THEN x || '.0' ELSE x::text END, note FROM $.event");
        }
    }

    private static void superuser(String sql) throws SQLException {
        try (Connection connection = servers.postgres().openAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void whatMySqlWouldChangeIsRefusedByTableAndColumn() throws Exception {
        String tables = """
                tables:
                  doc: {source: $.doc, key: [id], columns: {id: id, j: "CAST(j AS string)", x: x}}
                curated:
                  docs: {key: [id], sql: "SELECT id, j FROM doc", affectedBy: {doc: SELECT id FROM changes}, columns: {id: bigint, j: json}}
                """;
        try (CaseRun run = run("silent", tables)) {
            run.source(
                    "CREATE SCHEMA silent",
                    "CREATE TABLE $.doc (id bigint PRIMARY KEY, j jsonb, x float8)",
                    "INSERT INTO $.doc VALUES (1, '{\"n\": 1.5}', 1)");
            run.load();
            run.source("INSERT INTO $.doc VALUES (2, '{\"n\": 12345678901234567890123}', 'NaN')");
            run.awaitRaw();
            assertThat(run.run("merge")).isZero();

            assertThat(run.run("publish")).isEqualTo(3);
            assertThat(run.output("publish"))
                    .contains(
                            "Cannot publish docs: column j is json in MySQL, but a value holds a number of more digits")
                    .doesNotContain("12345678901234567890123");

            run.source("DELETE FROM $.doc WHERE id = 2");
            run.arrive();
            run.assertSame("SELECT id, j FROM docs", "SELECT id, j FROM $.doc");
        }
    }

    @Test
    void whatDoesNotFitIntoTheHeapIsNamedWithItsTable() throws Exception {
        String tables = """
                tables:
                  document: {source: $.document, key: [id], columns: {id: id, title: title, letters: length(body), scanned: length(scan)}}
                  other: {source: $.other, key: [id], columns: {id: id, v: v}}
                curated:
                  documents: {key: [id], sql: "SELECT * FROM document", affectedBy: {document: SELECT id FROM changes}, columns: {id: bigint, title: varchar(50), letters: int, scanned: int}}
                  others: {key: [id], sql: "SELECT * FROM other", affectedBy: {other: SELECT id FROM changes}, columns: {id: bigint, v: varchar(50)}}
                """;
        try (CaseRun run = run("large", tables)) {
            run.source(
                    "CREATE SCHEMA large",
                    "CREATE TABLE $.document (id bigint PRIMARY KEY, title text NOT NULL, body text, scan bytea)",
                    "ALTER TABLE $.document ALTER body SET STORAGE EXTERNAL, ALTER scan SET STORAGE EXTERNAL",
                    "INSERT INTO $.document VALUES (1, 'small', 'b', '\\x00'), (2, 'body of 20 MB', repeat('0123456789', 2000000), NULL)",
                    "CREATE TABLE $.other (id bigint PRIMARY KEY, v text NOT NULL)",
                    "INSERT INTO $.other VALUES (1, 'one')");
            run.load();
            run.source(
                    "INSERT INTO $.document VALUES (3, 'body of 20 MB', repeat('abcdefghij', 2000000), NULL)",
                    "UPDATE $.document SET title = 'unchanged body' WHERE id = 2",
                    "INSERT INTO $.other VALUES (2, 'after 20 MB')");
            run.arrive();
            assertLarge(run);

            run.source(
                    "INSERT INTO $.document VALUES (4, 'body of 60 MB', repeat('abcdefghij', 6000000), NULL)",
                    "INSERT INTO $.other VALUES (3, 'after 60 MB')",
                    "INSERT INTO $.document VALUES (5, 'scan of 100 MB', 'b', decode(repeat('00ff', 50000000), 'hex'))",
                    "UPDATE $.document SET title = 'unchanged scan' WHERE id = 5",
                    "INSERT INTO $.other VALUES (4, 'after 100 MB of bytes')");
            String said = run.awaitCaptureEnd();
            System.out.println(said.lines().reduce((before, last) -> last).orElseThrow());
            assertThat(said)
                    .contains("a change of large.document at ")
                    .contains("too much for a heap of ")
                    .contains("Nothing is lost, the slot keeps it.");
            Matcher heap = Pattern.compile("HEADWATER_HEAP=(\\d+g)").matcher(said);
            assertThat(heap.find()).isTrue();

            run.startCapture(Map.of("HEADWATER_HEAP", heap.group(1)));
            run.awaitRaw();
            assertThat(run.run("merge")).isEqualTo(3);
            String parked = run.output("merge");
            System.out.println(parked.lines().reduce((before, last) -> last).orElseThrow());
            assertThat(parked)
                    .contains("a change of large.document has ", "(key {\"id\":\"5\"})", "too much for a heap of ")
                    .contains("Merged cleansed table=other rows=2");
            Matcher more = Pattern.compile("HEADWATER_HEAP=(\\d+g)").matcher(parked);
            assertThat(more.find()).isTrue();

            assertThat(run.run(Map.of("HEADWATER_HEAP", more.group(1)), "merge"))
                    .as(() -> run.output("merge"))
                    .isZero();
            assertThat(run.run("publish")).as(() -> run.output("publish")).isZero();
            assertLarge(run);
        }
    }

    private static void assertLarge(CaseRun run) throws SQLException {
        run.assertSame(
                "SELECT id, title, letters, scanned FROM documents",
                "SELECT id, title, length(body), 2 + 2 * length(scan) FROM $.document");
        run.assertSame("SELECT id, v FROM others", "SELECT id, v FROM $.other");
    }

    @Test
    void aTableThatLeavesThePublicationOrLosesOperationsIsSaid() throws Exception {
        String tables = """
                tables:
                  copy: {source: $.copy, key: [id], columns: {id: id, v: v}}
                curated:
                  copy_m: {key: [id], sql: "SELECT * FROM copy", affectedBy: {copy: SELECT id FROM changes}, columns: {id: bigint, v: varchar(20)}}
                """;
        try (CaseRun run = run("shared", tables)) {
            run.source(
                    "CREATE SCHEMA shared",
                    "CREATE TABLE $.copy (id bigint PRIMARY KEY, v text)",
                    "CREATE TABLE $.theirs (id bigint PRIMARY KEY)",
                    "INSERT INTO $.copy SELECT g, 'n' || g FROM generate_series(1, 5) g");
            run.load();
            try (CaseRun other =
                    new CaseRun(servers.postgres(), CaseRun.Target.of(servers.mySql()), FOLDER, "sharedtoo", """
                    tables:
                      theirs: {source: shared.theirs, key: [id], columns: {id: id}}
                    curated:
                      theirs_m: {key: [id], sql: "SELECT id FROM theirs", affectedBy: {theirs: SELECT id FROM changes}, columns: {id: bigint}}
                    """)) {
                other.publication("shared");
                assertThat(other.run("setup")).isEqualTo(3);
                assertThat(other.output("setup"))
                        .contains("Cannot use the publication shared: it is of another pipeline");
            }
            run.source(
                    "ALTER PUBLICATION shared DROP TABLE $.copy",
                    "UPDATE $.copy SET v = 'while away' WHERE id = 3",
                    "DELETE FROM $.copy WHERE id = 4",
                    "ALTER PUBLICATION shared ADD TABLE $.copy",
                    "UPDATE $.copy SET v = 'after' WHERE id = 5");
            CaseRun.await(() -> run.log("capture").contains("headwater backfill --table copy"));
            assertThat(run.run("check")).isEqualTo(1);
            assertThat(run.output("check")).contains("shared.copy").contains("headwater backfill --table copy");
            assertThat(run.run("backfill", "--table", "copy")).isZero();
            run.source("INSERT INTO $.copy VALUES (6, 'new')");
            run.arrive();
            run.assertSame("SELECT id, v FROM copy_m", "SELECT id, v FROM $.copy");
            assertThat(run.run("check")).as(() -> run.output("check")).isZero();

            run.stopCapture();
            run.source("ALTER PUBLICATION shared SET (publish = 'insert')");
            run.startCapture();
            assertThat(run.awaitCaptureEnd()).contains("does not publish every operation", "headwater setup");
        }
    }

    @Test
    void whatCannotBeCarriedIsRefusedBeforeAnythingIsMade() throws Exception {
        String tables = """
                tables:
                  t: {source: $.t, key: [id], columns: {id: id, v: v}}
                curated:
                  refused_m: {key: [id], sql: "SELECT * FROM t", affectedBy: {t: SELECT id FROM changes}, columns: {id: bigint, v: varchar(20)}}
                """;
        try (CaseRun run = run("refused", tables)) {
            run.source("CREATE SCHEMA refused");
            for (String[] made : new String[][] {
                {"CREATE TABLE $.t (id bigint PRIMARY KEY DEFERRABLE, v text)", "deferrable"},
                {"CREATE TABLE $.t (id bigint, v text, UNIQUE (id))", "replica identity"},
                {"CREATE UNLOGGED TABLE $.t (id bigint PRIMARY KEY, v text)", "UNLOGGED"},
                {
                    "CREATE TABLE $.t (id bigint PRIMARY KEY, v text);"
                            + " ALTER TABLE $.t ENABLE ROW LEVEL SECURITY; ALTER TABLE $.t FORCE ROW LEVEL SECURITY",
                    "row level security"
                }
            }) {
                run.source(made[0]);
                assertThat(run.run("check")).as(made[0]).isEqualTo(1);
                assertThat(run.output("check"))
                        .as(made[0])
                        .contains("refused.t")
                        .containsIgnoringCase(made[1]);
                assertThat(run.run("setup")).as(made[0]).isEqualTo(3);
                run.source("UPDATE $.t SET v = 'still theirs'", "DROP TABLE $.t");
            }
        }
    }

    @Test
    void anotherClusterInTheSourcesPlaceBeginsAnEpoch() throws Exception {
        String tables = """
                tables:
                  sale: {source: $.sale, key: [id], columns: {id: id, region: region, amount: amount, note: note}, rules: {amount_present: amount IS NOT NULL}}
                curated:
                  moved_m: {key: [region, id], partitionBy: [region], sql: "SELECT * FROM sale", affectedBy: {sale: "SELECT region, id FROM changes"}, columns: {region: varchar(20), id: bigint, amount: int, note: text}}
                """;
        String table = "CREATE TABLE $.sale (id bigint PRIMARY KEY, region text NOT NULL, amount int, note text)";
        try (EmbeddedPostgres upgraded = EmbeddedPostgres.start(FOLDER.resolve("upgraded"));
                CaseRun run = run("moved", tables)) {
            run.source(
                    "CREATE SCHEMA moved",
                    table,
                    "ALTER TABLE $.sale ALTER note SET STORAGE EXTERNAL",
                    "INSERT INTO $.sale SELECT g, 'r' || g % 5, g, repeat(g::text, 2000) FROM generate_series(1, 1000) g");
            run.load();
            run.source("UPDATE $.sale SET amount = amount + 1 WHERE id <= 100", "DELETE FROM $.sale WHERE id = 200");
            // so that the positions of the new cluster are before those of this one
            superuser("SELECT pg_logical_emit_message(true, 'test', repeat('x', 1000000)) FROM generate_series(1, 60)");
            run.arrive();
            assertSales(run);

            run.stopCapture();
            run.moveTo(upgraded);
            run.source(
                    "CREATE SCHEMA moved",
                    table,
                    "ALTER TABLE $.sale ALTER note SET STORAGE EXTERNAL",
                    "INSERT INTO $.sale SELECT g, 'r' || g % 5, g + CASE WHEN g <= 100 THEN 1 ELSE 0 END, repeat(g::text, 2000)"
                            + " FROM generate_series(1, 1000) g WHERE g <> 200",
                    "UPDATE $.sale SET amount = NULL WHERE id = 300",
                    "UPDATE $.sale SET region = 'there' WHERE id = 301",
                    "DELETE FROM $.sale WHERE id = 302",
                    "INSERT INTO $.sale VALUES (2000, 'there', 1, 'new')");
            assertThat(run.run("setup")).as(() -> run.output("setup")).isZero();
            run.startCapture();
            assertThat(run.awaitCaptureEnd()).contains("is the cluster", "headwater backfill --new-epoch");

            assertThat(run.run("backfill", "--new-epoch"))
                    .as(() -> run.output("backfill"))
                    .isZero();
            assertThat(run.output("backfill")).contains("Began epoch 2 of the cluster");
            assertThat(run.run("backfill", "--new-epoch")).isZero();
            assertThat(run.output("backfill")).contains("Kept epoch 2", "Kept sale");
            assertThat(run.run("publish")).as(() -> run.output("publish")).isZero();
            assertThat(run.output("publish")).contains("Published 2 rows and deleted 3");
            assertSales(run);

            run.startCapture();
            run.source(
                    "UPDATE $.sale SET amount = amount + 1 WHERE id BETWEEN 90 AND 400",
                    "DELETE FROM $.sale WHERE id = 500",
                    "INSERT INTO $.sale VALUES (200, 'again', 7, 'again')");
            run.arrive();
            assertSales(run);
            assertThat(run.changesByEpoch()).containsKeys("1", "2");
            assertThat(run.run("check")).as(() -> run.output("check")).isZero();
        }
    }

    private static void assertSales(CaseRun run) throws SQLException {
        run.assertSame(
                "SELECT region, id, amount, note FROM moved_m",
                "SELECT region, id, amount, note FROM $.sale WHERE amount IS NOT NULL");
    }
}
