package headwater.publish.docs;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedServers;
import headwater.publish.demo.FewRows;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes every mistake of docs/mistakes.md, each in a process of its own, and holds the answer to what the page quotes: exit
 * code, words, no stack trace. Between them stand the correct runs, which a mistake before must not have spoilt.
 */
@Tag("nightly")
class MistakesIT {
    private static final Path FOLDER = Path.of("target", "mistakes").toAbsolutePath();
    private static final Path OLD_POSTGRES = Path.of("target", "old-postgres").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path logs;

    private static EmbeddedServers servers;
    private static EmbeddedPostgres old;

    private final Map<String, Page.Row> page = new HashMap<>();
    private final SoftAssertions softly = new SoftAssertions();
    private final List<HeadwaterProcess> running = new ArrayList<>();
    private int runs;

    @BeforeAll
    static void startServers() throws IOException {
        CompletableFuture<EmbeddedPostgres> another = CompletableFuture.supplyAsync(MistakesIT::startOldPostgres);
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        old = another.join();
        Files.writeString(FOLDER.resolve("shop.yaml"), SHOP);
        Files.writeString(FOLDER.resolve("no-key.yaml"), SHOP.replace("shop.orders", "shop.events"));
        Files.writeString(FOLDER.resolve("unknown-key.yaml"), SHOP.replace("rules:", "ruels:"));
        Files.writeString(
                FOLDER.resolve("three.yaml"),
                SHOP.replace("name: shop", "name: My Shop")
                        .replace("password: ${HEADWATER_TARGET_PASSWORD}", "password: secret")
                        .replace("key: [order_no]", "key: [no]"));
    }

    private static EmbeddedPostgres startOldPostgres() {
        try (Stream<Path> jars = Files.list(OLD_POSTGRES)) {
            return EmbeddedPostgres.start(
                    FOLDER.resolve("old"), jars.findFirst().orElseThrow());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterAll
    static void stopServers() {
        old.close();
        servers.close();
    }

    private static final String SHOP = """
            name: shop
            source:
              url: ${HEADWATER_SOURCE_URL}
              user: headwater
              password: ${HEADWATER_SOURCE_PASSWORD}
              slot: shop
              publication: shop
            lake:
              root: ${HEADWATER_LAKE}
              options:
                fs.s3a.endpoint: ${HEADWATER_S3_ENDPOINT}
                fs.s3a.endpoint.region: us-east-1
                fs.s3a.path.style.access: true
            target:
              url: ${HEADWATER_TARGET_URL}
              user: headwater
              password: ${HEADWATER_TARGET_PASSWORD}
            tables:
              orders:
                source: shop.orders
                key: [order_no]
                columns: {order_no: order_no, item: item}
                rules: {item_present: item IS NOT NULL}
            curated:
              items:
                key: [item]
                sql: SELECT item, count(*) AS orders FROM orders GROUP BY item
                affectedBy: {orders: SELECT item FROM changes}
                columns: {item: varchar(40), orders: bigint}
            """;

    @Test
    void everyMistakeIsAnsweredInWords() throws Exception {
        Page.read("docs/mistakes.md").rows().forEach(row -> page.put(row.cells().get(0), row));
        assertThat(page).hasSizeGreaterThanOrEqualTo(26);
        createSource();
        try {
            mistakesInTheFile();
            mistakesOnTheCommandLine();
            mistakesAboutServers();
            assertThatNothingIsBegun();
            mistakesInTheOrder();
            mistakesWhileItRuns();
        } finally {
            running.forEach(HeadwaterProcess::kill);
        }
        assertThat(page.keySet()).as("mistakes of the page that nobody made").isEmpty();
        softly.assertAll();
    }

    private void mistakesInTheFile() {
        answer("no pipeline file", file("nowhere.yaml", "setup"));
        answer("three faults in the pipeline file", file("three.yaml", "setup"));
        answer("a key that does not exist", file("unknown-key.yaml", "setup"));
        answer("a variable that is not set", with(Map.of("HEADWATER_LAKE", ""), "setup"));
    }

    private void mistakesOnTheCommandLine() {
        answer("a command that does not exist", shop("mrege"));
        answer("an option that does not exist", shop("merge", "--evry", "5s"));
        answer("a value that an option does not take", shop("merge", "--every", "often"));
    }

    private void mistakesAboutServers() throws SQLException {
        answer("PostgreSQL is down", with(Map.of("HEADWATER_SOURCE_URL", postgresAt(freePort())), "setup"));
        answer(
                "the port of another server",
                with(Map.of("HEADWATER_SOURCE_URL", postgresAt(servers.mySql().port())), "setup"));
        answer("wrong password of PostgreSQL", with(Map.of("HEADWATER_SOURCE_PASSWORD", "guess"), "setup"));
        answer(
                "PostgreSQL is too old",
                with(Map.of("HEADWATER_SOURCE_URL", old.url(), "HEADWATER_SOURCE_PASSWORD", old.password()), "setup"));
        walLevel("SET wal_level = 'replica'");
        answer("wal_level is not logical", shop("setup"));
        walLevel("RESET wal_level");
        answer("a table without a key", file("no-key.yaml", "setup"));
        answer("wrong password of MySQL", with(Map.of("HEADWATER_TARGET_PASSWORD", "guess"), "setup"));
        answer(
                "the MySQL user lacks rights",
                with(Map.of("HEADWATER_TARGET_URL", servers.mySql().url().replace("/report", "/payroll")), "setup"));
        answer("wrong key of S3", with(Map.of("AWS_SECRET_ACCESS_KEY", "guess"), "setup"));
        answer("a bucket that does not exist", with(Map.of("HEADWATER_LAKE", "s3a://no-such-bucket/shop"), "backfill"));
        answer("capture before setup", shop("capture"));
        answer("backfill before setup", shop("backfill"));
        answer("merge before setup", shop("merge"));
    }

    private void mistakesInTheOrder() throws SQLException {
        shopRuns("setup");
        answer("publish before backfill", shop("publish"));
        interrupt("Ctrl-C in backfill", shop("backfill"), "Loading table=");
        shopRuns("backfill");
        servers.mySql().kill();
        answer("MySQL is down", shop("publish"));
        servers.mySql().restart();
        shopRuns("publish");
        assertMart("pen 2");
    }

    private void mistakesWhileItRuns() throws SQLException, IOException {
        HeadwaterProcess capture = shop("capture");
        await(capture, "Started capture");
        HeadwaterProcess second = shop("capture");
        source("INSERT INTO shop.orders VALUES (3, 'ink')");
        interrupt("Ctrl-C in merge --every", shop("merge", "--every", "1s"), "Merging cleansed");
        HeadwaterProcess merge = shop("merge", "--every", "1s");
        await(merge, "Claimed the lake");
        answer("a second merge of a lake", shop("merge"));
        await(merge, "Merged to");
        merge.close();
        interrupt("Ctrl-C in publish --every", shop("publish", "--every", "1s"), "Published rows");
        assertMart("ink 1", "pen 2");
        shopRuns("generate", "--rows", "300");
        interrupt("Ctrl-C in generate --changes", shop("generate", "--changes", "20"), "changes/s");
        interrupt(
                "Ctrl-C in demo",
                start(Map.of(), "demo", "--folder", FOLDER.resolve("demo").toString()),
                "generating");
        assertThatTheDemoLeavesNoProcess();
        answer("a second capture on the slot", second);
        interrupt("Ctrl-C in capture", capture, "Committed raw batch");
        HeadwaterProcess again = shop("capture");
        await(again, "Started capture");
        again.close();
    }

    private static void createSource() throws SQLException {
        source("CREATE SCHEMA shop");
        source("CREATE TABLE shop.orders (order_no bigint PRIMARY KEY, item text)");
        source("CREATE TABLE shop.events (order_no bigint, item text)");
        source("INSERT INTO shop.orders VALUES (1, 'pen'), (2, 'pen')");
    }

    private static void source(String sql) throws SQLException {
        try (Connection source = DriverManager.getConnection(
                servers.postgres().url(),
                EmbeddedPostgres.USER,
                servers.postgres().password())) {
            execute(source, sql);
        }
    }

    private static void walLevel(String sql) throws SQLException {
        try (Connection source = servers.postgres().openAsSuperuser()) {
            execute(source, "ALTER SYSTEM " + sql);
        }
        servers.postgres().close();
        servers.postgres().restart();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Neither a publication nor a slot, no database, no object. */
    private static void assertThatNothingIsBegun() throws Exception {
        try (Connection source = servers.postgres().openAsSuperuser();
                Connection target = servers.mySql().openAsRoot();
                Stream<Path> lake = Files.walk(FOLDER.resolve("servers/s3/objects"))) {
            assertThat(Rows.of(
                                    source,
                                    "SELECT pubname FROM pg_publication UNION SELECT slot_name FROM pg_replication_slots")
                            .lines())
                    .hasSize(1);
            assertThat(Rows.of(target, "SHOW DATABASES LIKE 'report'").lines()).hasSize(1);
            assertThat(lake.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private static void assertMart(String... rows) throws SQLException {
        try (Connection target = servers.mySql().openAsRoot()) {
            Rows found = Rows.of(target, "SELECT concat(item, ' ', orders) FROM report.items ORDER BY item");
            assertThat(found.lines().stream().skip(1).map(row -> row.get(0))).containsExactly(rows);
        }
    }

    private static void assertThatTheDemoLeavesNoProcess() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER.resolve("demo"))) {
            List<Path> pids =
                    files.filter(file -> file.toString().endsWith(".pid")).toList();
            assertThat(pids).isNotEmpty();
            for (Path file : pids) {
                long pid = Long.parseLong(Files.readString(file).split(" ", 2)[0]);
                assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive))
                        .as(file.toString())
                        .isEmpty();
            }
        }
    }

    private static String postgresAt(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgres.DATABASE;
    }

    /** A port that nobody listens on. */
    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private HeadwaterProcess shop(String command, String... options) {
        return with(Map.of(), command, options);
    }

    private HeadwaterProcess with(Map<String, String> changed, String command, String... options) {
        List<String> all = new ArrayList<>(
                List.of("--pipeline", FOLDER.resolve("shop.yaml").toString()));
        all.addAll(List.of(options));
        return start(changed, command, all.toArray(String[]::new));
    }

    private HeadwaterProcess file(String file, String command) {
        return start(Map.of(), command, "--pipeline", FOLDER.resolve(file).toString());
    }

    private HeadwaterProcess start(Map<String, String> changed, String command, String... options) {
        Path folder = logs.resolve(String.valueOf(++runs));
        Map<String, String> environment = new HashMap<>(FewRows.environment(folder));
        environment.putAll(servers.environment());
        environment.putAll(changed);
        HeadwaterProcess process = HeadwaterProcess.start(folder, environment, command, options);
        running.add(process);
        return process;
    }

    /** A correct run. */
    private void shopRuns(String command, String... options) {
        shop(command, options).awaitSuccess();
    }

    private void interrupt(String mistake, HeadwaterProcess process, String moment) {
        await(process, moment);
        process.interrupt();
        answer(mistake, process);
    }

    private static void await(HeadwaterProcess process, String text) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (process.output().stream().noneMatch(line -> line.contains(text))) {
            assertThat(process.alive() && Instant.now().isBefore(deadline))
                    .as("prints \"%s\"; it printed:%n%s", text, String.join("\n", process.output()))
                    .isTrue();
            // another process writes the file: there is nothing to wait on
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** The mistake of that name on the page is answered as the page says. */
    private void answer(String mistake, HeadwaterProcess process) {
        int exitCode = process.awaitEnd();
        String printed = String.join("\n", process.output());
        Page.Row row = page.remove(mistake);
        if (row == null) {
            softly.fail("The page does not name this mistake: " + mistake + ". The answer was:%n%s", printed);
            return;
        }
        softly.assertThat(exitCode)
                .as("exit code of: " + mistake)
                .isEqualTo(Integer.parseInt(row.cells().get(3)));
        softly.assertThat(printed).as(mistake).doesNotContain("\tat ", "Exception");
        List<Pattern> quotes = new ArrayList<>(row.quotes(1));
        quotes.addAll(row.quotes(2));
        softly.assertThat(quotes).as("what the page quotes about: " + mistake).hasSizeGreaterThanOrEqualTo(2);
        int from = 0;
        for (Pattern quote : quotes) {
            Matcher matcher = quote.matcher(printed);
            boolean found = matcher.find(from);
            softly.assertThat(found)
                    .as("line %d, the answer to \"%s\" says %s%nIt was:%n%s", row.line(), mistake, quote, printed)
                    .isTrue();
            from = found ? matcher.end() : from;
        }
    }
}
