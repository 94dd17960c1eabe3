package headwater.capture.partd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.capture.partd.generate.CopyLoader;
import headwater.capture.partd.generate.GeneratedYear;
import headwater.capture.partd.generate.PartDShape;
import headwater.capture.partd.generate.PartDSize;
import headwater.capture.partd.traffic.ChangeTraffic;
import headwater.capture.partd.traffic.TrafficMix;
import headwater.capture.partd.traffic.TrafficTotals;
import headwater.capture.partd.traffic.TrafficTotals.Count;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Secret;
import headwater.lake.process.Shutdown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class GenerateIT {
    private static final long ROWS = 30_000;
    private static final PrintStream SILENT = new PrintStream(OutputStream.nullOutputStream());
    private static final List<String> TABLES =
            List.of("cms.prescriber_drug", "cms.prescriber", "cms.drug", "cms.state");

    @TempDir
    static Path folder;

    private static EmbeddedPostgres server;
    private static SourceSettings source;

    @BeforeAll
    static void start() {
        server = EmbeddedPostgres.start(folder.resolve("postgres"));
        source = new SourceSettings(
                server.url(),
                EmbeddedPostgres.USER,
                new Secret(server.password()),
                "headwater",
                false,
                "headwater",
                "disable",
                "");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void dropTables() throws SQLException {
        execute("DROP SCHEMA IF EXISTS cms CASCADE");
    }

    @Test
    void loadedYearHasTheShapeOfTheCmsFiles() throws SQLException {
        load(2020, 1, 2);
        assertThat(number("SELECT count(*) FROM cms.prescriber_drug")).isEqualTo(ROWS);
        assertThat(number("SELECT count(*) FROM cms.prescriber")).isEqualTo(new PartDSize(ROWS).prescribers());
        assertThat(number("SELECT count(*) FROM cms.prescriber_drug d WHERE NOT EXISTS (SELECT 1 FROM cms.prescriber p"
                        + " WHERE p.year = d.year AND p.prscrbr_npi / 10 = d.prscrbr_npi / 10)"))
                .isZero();
        assertThat(number("SELECT count(DISTINCT (d.brnd_name, d.gnrc_name)) FROM cms.prescriber_drug d"
                        + " WHERE d.brnd_name <> '  ' AND d.brnd_name NOT LIKE '% ' AND d.gnrc_name IS NOT NULL AND NOT EXISTS"
                        + " (SELECT 1 FROM cms.drug n WHERE (n.brnd_name, n.gnrc_name) = (d.brnd_name, d.gnrc_name))"))
                .as("pairs without a drug row but for those whose drug row is flawed")
                .isLessThan(5);
        assertThat(number("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY tot_clms) FROM cms.prescriber_drug"))
                .isBetween(23L, 25L);
        assertThat(number("SELECT percentile_disc(0.75) WITHIN GROUP (ORDER BY tot_drug_cst) FROM cms.prescriber_drug"))
                .isCloseTo(2_259, Percentage.withPercentage(8));
        String cleansed = resource("/pipelines/medicare-part-d/expected/cleansed.sql");
        assertThat(ROWS - number(cleansed + " SELECT count(*) FROM prescriber_drug"))
                .as("rejected by cleansing, one in a thousand")
                .isBetween(ROWS / 2_000, ROWS / 500);
        assertThat(number(cleansed + " SELECT count(*) FROM prescriber_drug WHERE state_code = 'XX'"))
                .isPositive();
    }

    @Test
    void stoppedLoadsEndAsIfOneRanAtOnceWhateverTheParallelism() throws SQLException {
        load(2020, 5, 3);
        List<String> whole = digests();
        dropTables();
        stopAfterOneChunk(4);
        // another seed: what the first left is replaced
        stopAfterOneChunk(5);
        assertThat(number("SELECT count(*) FROM cms.prescriber_drug")).isEqualTo(PartDSize.CHUNK_ROWS);
        load(2020, 5, 1);
        assertThat(digests()).isEqualTo(whole);
    }

    @Test
    void yearThatHasRowsIsRefusedAndAnotherYearFollows() throws SQLException {
        load(2020, 1, 2);
        assertThatThrownBy(() -> load(2020, 2, 2))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("year 2020: cms.prescriber_drug already holds rows of it");
        long cities = number("SELECT count(*) FROM cms.state");
        load(2021, 1, 2);
        assertThat(number("SELECT min(id) FROM cms.prescriber_drug WHERE year = 2021"))
                .isEqualTo(ROWS + 1);
        assertThat(number("SELECT count(*) FROM cms.state")).isEqualTo(cities);
        for (String table : TABLES) {
            String year = table.equals("cms.state") ? "DEFAULT VALUES" : "(year) VALUES (2022)";
            long inserted = number("INSERT INTO " + table + " " + year + " RETURNING id");
            assertThat(inserted).as(table).isEqualTo(number("SELECT max(id) FROM " + table));
        }
    }

    @Test
    void trafficCountsWhatTheLogHolds() throws SQLException {
        load(2020, 1, 2);
        execute("SELECT pg_create_logical_replication_slot('counted', 'test_decoding')");
        try (Shutdown shutdown = new Shutdown()) {
            TrafficTotals totals = new ChangeTraffic(source, 20_000, TrafficMix.standard(), 3, SILENT)
                    .run(shutdown, so -> so.changes() >= 200 * 60);
            assertThat(List.of(Count.INSERTS, Count.UPDATES, Count.DELETES, Count.KEY_CHANGES, Count.MOVES))
                    .as("in what the demo changes in a minute")
                    .allSatisfy(count ->
                            assertThat(totals.of(count)).as(count.label()).isGreaterThan(500));
            for (Count count : Count.values()) {
                assertThat(totals.of(count) > 0).as(count.label()).isEqualTo(count != Count.RECONNECTS);
            }
            assertThat(decoded("table % INSERT:%")).isEqualTo(totals.of(Count.INSERTS));
            assertThat(decoded("table % DELETE:%")).isEqualTo(totals.of(Count.DELETES));
            assertThat(decoded("table % UPDATE: old-key:%")).isEqualTo(totals.of(Count.KEY_CHANGES));
            assertThat(decoded("table %")).isEqualTo(totals.changes());
        } finally {
            execute("SELECT pg_drop_replication_slot('counted')");
        }
    }

    @Test
    void trafficOutlivesAKilledServerAndCountsOnlyWhatIsCommitted() throws Exception {
        load(2020, 1, 2);
        execute("SELECT pg_create_logical_replication_slot('killed', 'test_decoding')");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        CountDownLatch begun = new CountDownLatch(1);
        try (Shutdown shutdown = new Shutdown()) {
            ChangeTraffic traffic = new ChangeTraffic(source, 500, TrafficMix.standard(), 2, SILENT);
            Future<TrafficTotals> running = thread.submit(() -> traffic.run(shutdown, so -> {
                if (so.changes() > 300) {
                    begun.countDown();
                }
                return so.of(Count.RECONNECTS) > 0 && so.changes() > 1_500;
            }));
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            server.kill();
            server.restart();
            TrafficTotals totals = running.get(60, TimeUnit.SECONDS);
            assertThat(totals.of(Count.RECONNECTS)).isPositive();
            // a commit whose answer was lost may be in the log without being counted
            assertThat(decoded("table %")).isBetween(totals.changes(), totals.changes() + 600);
        } finally {
            thread.shutdownNow();
            execute("SELECT pg_drop_replication_slot('killed')");
        }
    }

    @Test
    void trafficWithoutRowsSaysWhatToDo() {
        try (Shutdown shutdown = new Shutdown()) {
            assertThatThrownBy(() ->
                            new ChangeTraffic(source, 10, TrafficMix.standard(), 1, SILENT).run(shutdown, so -> false))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("headwater generate --rows");
        }
    }

    private static void load(int year, long seed, int parallelism) throws SQLException {
        try (Connection connection = source.open();
                Shutdown shutdown = new Shutdown()) {
            PartDShape shape = PartDShape.of(ROWS, seed);
            GeneratedYear.createTables(connection);
            GeneratedYear begun = GeneratedYear.begin(connection, year, shape);
            new CopyLoader(source, shape, begun, shutdown).load(parallelism, rows -> {});
            begun.finish(connection);
        }
    }

    /** As Ctrl-C does once the first chunk with prescribers is committed. */
    private static void stopAfterOneChunk(long seed) throws SQLException {
        try (Connection connection = source.open();
                Shutdown shutdown = new Shutdown()) {
            PartDShape shape = PartDShape.of(ROWS, seed);
            GeneratedYear.createTables(connection);
            GeneratedYear begun = GeneratedYear.begin(connection, 2020, shape);
            boolean whole = new CopyLoader(source, shape, begun, shutdown).load(1, rows -> {
                if (rows > 0) {
                    shutdown.request();
                }
            });
            assertThat(whole).isFalse();
        }
    }

    private static List<String> digests() throws SQLException {
        List<String> digests = new ArrayList<>();
        for (String table : TABLES) {
            digests.add(text("SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM " + table + " t"));
        }
        return digests;
    }

    private static long decoded(String like) throws SQLException {
        String slot = text("SELECT slot_name FROM pg_replication_slots");
        return number("SELECT count(*) FROM pg_logical_slot_peek_changes('" + slot + "', NULL, NULL,"
                + " 'skip-empty-xacts', '1') WHERE data LIKE '" + like + "'");
    }

    private static long number(String query) throws SQLException {
        return (long) Double.parseDouble(text(query));
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = source.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = source.open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String resource(String name) {
        try (InputStream in = GenerateIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
