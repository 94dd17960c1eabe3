package headwater.capture.partd.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Failure;
import headwater.lake.process.Home;
import headwater.lake.process.Secret;
import headwater.lake.process.Shutdown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadIT {
    private static final String PRESCRIBERS = "Prscrbr_NPI,Prscrbr_City,Tot_Clms\n";
    private static final String TWO_PRESCRIBERS = PRESCRIBERS + "1003000126,TOLEDO,12\n1003000142,,7\n";
    private static final String PRESCRIBER_ROWS = "SELECT ctid, xmin, * FROM cms.prescriber ORDER BY id";

    @TempDir
    static Path serverFolder;

    private static EmbeddedPostgres server;
    private static SourceSettings source;

    @TempDir
    Path folder;

    private String said = "";

    @BeforeAll
    static void start() {
        server = EmbeddedPostgres.start(serverFolder.resolve("postgres"));
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
    void dropTables() {
        query("DROP SCHEMA IF EXISTS cms CASCADE");
    }

    @Test
    void everyDatasetGoesToItsTable() throws IOException {
        assertThat(load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS)).isEqualTo(new LoadCounts(2, 0, 0, 0));
        assertThat(
                        load(
                                CmsDataset.PRESCRIBER_DRUG,
                                "Prscrbr_NPI,Brnd_Name,Gnrc_Name,Tot_Drug_Cst\n1003000126,\"NEEDLE, PEN\",NEEDLE,\"1,234.5\"\n"))
                .isEqualTo(new LoadCounts(1, 0, 0, 0));
        assertThat(
                        load(
                                CmsDataset.DRUG,
                                "Prscrbr_Geo_Lvl,Prscrbr_Geo_Cd,Prscrbr_Geo_Desc,Brnd_Name,Gnrc_Name\nNational,,National,A,B\n"))
                .isEqualTo(new LoadCounts(1, 0, 0, 0));
        assertThat(
                        load(
                                CmsDataset.STATE,
                                "city,city_ascii,state_id,state_name,county_name,population\nToledo,Toledo,OH,Ohio,Lucas,270871\n"))
                .isEqualTo(new LoadCounts(1, 0, 0, 0));

        assertThat(said).contains("left out columns that cms.state does not have: city_ascii");
        assertThat(query("SELECT * FROM cms.prescriber_drug").replace("null|", ""))
                .isEqualTo("1|2016|1003000126|NEEDLE, PEN|NEEDLE|1234.50|null\n");
        assertThat(query("SELECT year, prscrbr_geo_lvl, prscrbr_geo_cd, brnd_name FROM cms.drug"))
                .isEqualTo("2016|National|null|A\n");
        assertThat(query("SELECT * FROM cms.state")).isEqualTo("1|Toledo|OH|Ohio|Lucas|270871\n");
    }

    @Test
    void aSecondLoadWritesTheDifferencesAlone() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS + "1003000167,UTICA,3\n1003000175,OMAHA,\n");
        query("UPDATE cms.prescriber SET prscrbr_first_name = 'ANN'");
        query("INSERT INTO cms.prescriber (year, prscrbr_npi) VALUES (2015, 1003000142)");
        String untouched = "SELECT ctid, xmin, * FROM cms.prescriber WHERE prscrbr_npi IN (1003000126, 1003000175)"
                + " OR year = 2015 ORDER BY id";
        String before = query(untouched);

        assertThat(load(
                        CmsDataset.PRESCRIBER,
                        PRESCRIBERS + "1003000175,OMAHA,\n1003000142,MIAMI,\n1003000183,,1\n1003000126,TOLEDO,12\n"))
                .isEqualTo(new LoadCounts(1, 1, 1, 2));

        assertThat(query(untouched)).isEqualTo(before);
        assertThat(query("SELECT id, prscrbr_npi, prscrbr_city, tot_clms, prscrbr_first_name FROM cms.prescriber"
                        + " WHERE year = 2016 ORDER BY id"))
                .isEqualTo("1|1003000126|TOLEDO|12|ANN\n2|1003000142|MIAMI|null|ANN\n4|1003000175|OMAHA|null|ANN\n"
                        + "6|1003000183|null|1|null\n");
    }

    @Test
    void rowsWithoutAUniqueKeyArePairedByTheirContent() throws IOException {
        String header = "Prscrbr_Geo_Lvl,Prscrbr_Geo_Cd,Prscrbr_Geo_Desc,Brnd_Name,Gnrc_Name,Tot_Clms\n";
        load(CmsDataset.DRUG, header + "State,,Guam,A,B,1\nState,,Guam,A,B,2\nState,,Guam,A,B,2\n");

        assertThat(load(CmsDataset.DRUG, header + "State,,Guam,A,B,2\nState,,Guam,A,B,2\n"))
                .satisfies(counts ->
                        assertThat(counts.inserted() + counts.deleted()).isEqualTo(1));
        assertThat(query("SELECT tot_clms FROM cms.drug")).isEqualTo("2\n2\n");
    }

    @Test
    void insertsUpdatesAndDeletesAreOneTransaction() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        query("CREATE TABLE cms.change (xact xid8 DEFAULT pg_current_xact_id(), what text);"
                + " CREATE FUNCTION cms.note() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO cms.change (what) VALUES (tg_op); RETURN NULL; END';"
                + " CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON cms.prescriber"
                + " FOR EACH ROW EXECUTE FUNCTION cms.note()");

        load(CmsDataset.PRESCRIBER, PRESCRIBERS + "1003000126,UTICA,12\n1003000183,,1\n");

        assertThat(query("SELECT string_agg(what, ' ' ORDER BY what), count(DISTINCT xact) FROM cms.change"))
                .isEqualTo("DELETE INSERT UPDATE|1\n");
        assertThat(query("SELECT count(*), count(DISTINCT xmin::text) FROM cms.prescriber"))
                .isEqualTo("2|1\n");
    }

    @Test
    void whatWasNotAsExpectedIsSaid() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("Prscrbr_NPI,Prscrbr_City,Extra\n1003000126,TOLEDO,x\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("1003000142,CA\u00d1ON,x".getBytes(Charset.forName("windows-1252")));
        Path file = Files.write(folder.resolve("odd.csv"), bytes.toByteArray());

        load(CmsDataset.PRESCRIBER, file);

        assertThat(said)
                .contains(file + ": left out columns that cms.prescriber does not have: Extra")
                .contains(file + ": has no prscrbr_last_org_name, prscrbr_first_name, ")
                .contains(", bene_avg_risk_scre: null in new rows, left as they are in others")
                .contains(file + ": 1 line is not UTF-8 and read as Windows-1252: line 3")
                .contains(file + ": its last line has no line end, but all of its fields");
        assertThat(query("SELECT prscrbr_city, tot_clms FROM cms.prescriber ORDER BY id"))
                .isEqualTo("TOLEDO|null\nCA\u00d1ON|null\n");
    }

    @Test
    void whatIsRefusedLeavesTheTableAsItIs() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        String changed = PRESCRIBERS + "1003000126,UTICA,12\n";
        byte[] gzip = gzip(PRESCRIBERS + "1003000126,UTICA,12\n".repeat(1000));
        Map<Path, String> refused = new LinkedHashMap<>();
        refused.put(file(changed + "1003000142,UTI"), "line 3 has 2 of 3 fields: the file is cut off there");
        refused.put(file(changed + "1003000142,\"UTICA,3\n"), "line 3: a quoted field is not closed");
        refused.put(file(changed + "1003000142,UTICA,3,4\n1003000167,UTICA,3\n"), "line 3 has 4 of 3 fields");
        refused.put(file(changed + "1003000142,UTICA,twelve\n"), "line 3, column tot_clms must be a whole number");
        refused.put(file(changed + "1003000142,A,1\n1003000126,B,1\n"), "line 4 has the same prscrbr_npi as line 2");
        refused.put(file(changed + "x".repeat(MixedText.LONGEST_LINE + 1)), "line 3 is longer than 1048576 bytes");
        refused.put(
                Files.write(folder.resolve("cut.gz"), Arrays.copyOf(gzip, gzip.length - 20)),
                "its compressed data is damaged or cut off");
        refused.put(
                Files.write(folder.resolve("a.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10}),
                "its header lacks prscrbr_npi");
        refused.put(file("city,state_id,county_name\nTOLEDO,OH,Lucas\n"), "by its header it is of dataset state");
        refused.put(
                file("Prscrbr_NPI,Brnd_Name,Gnrc_Name\n1003000126,A,B\n"),
                "it is of dataset prescriber-drug, not prescriber");
        refused.put(file("city\nTOLEDO\n"), "its header lacks prscrbr_npi, which dataset prescriber needs");
        refused.put(file(""), "it is empty");
        refused.put(folder, "Is a directory");
        refused.put(folder.resolve("none.csv"), "there is no such file");
        String before = query(PRESCRIBER_ROWS);
        refused.forEach((path, why) -> {
            assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, path))
                    .isInstanceOf(Failure.class)
                    .hasMessageStartingWith("Cannot load " + path + ": ")
                    .hasMessageContaining(why)
                    .hasMessageContaining(". Nothing of it was loaded. ");
            assertThat(query(PRESCRIBER_ROWS)).as(why).isEqualTo(before);
        });
    }

    @Test
    void aDamagedSecondFileLeavesTheFirstLoadedAndDeletesNothing() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        Path first = file(PRESCRIBERS + "1003000126,UTICA,12\n1003000167,UTICA,3\n");
        Path second = file(PRESCRIBERS + "1003000142,UTICA,7\n1003000175,OMAHA");

        assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, first, second))
                .hasMessage("Cannot load " + second
                        + ": line 3 has 2 of 3 fields: the file is cut off there. Nothing of it"
                        + " was loaded. Download it again, then load it again. What came before it is loaded: " + first
                        + ". No row was deleted. Loading all files again writes only what is missing.");

        assertThat(said).contains(first + ": inserted=1 updated=1 deleted=0 unchanged=0");
        assertThat(query("SELECT prscrbr_npi, prscrbr_city FROM cms.prescriber ORDER BY id"))
                .isEqualTo("1003000126|UTICA\n1003000142|null\n1003000167|UTICA\n");
        assertThat(load(CmsDataset.PRESCRIBER, first, file(PRESCRIBERS + "1003000175,OMAHA,1\n")))
                .isEqualTo(new LoadCounts(1, 0, 1, 2));
    }

    @Test
    void aWrongHeaderOfTheSecondFileLoadsNothing() throws IOException {
        Path first = file(TWO_PRESCRIBERS);

        assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, first, folder.resolve("none.csv")))
                .hasMessageContaining("there is no such file");
        assertThat(query("SELECT count(*) FROM cms.prescriber")).isEqualTo("0\n");
    }

    @Test
    void aKeyThatOccursInTwoFilesIsRefused() throws IOException {
        Path first = file(TWO_PRESCRIBERS);
        Path second = file(PRESCRIBERS + "1003000167,UTICA,3\n1003000142,UTICA,3\n");

        assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, first, second))
                .hasMessageStartingWith("Cannot load " + second + ": line 3 has the same prscrbr_npi as a line of "
                        + first + ". Nothing of it was loaded. Remove one of the two, then load it again.");
        assertThat(query("SELECT prscrbr_npi FROM cms.prescriber ORDER BY id")).isEqualTo("1003000126\n1003000142\n");
    }

    @Test
    void severalFilesAreTheWholeTogether() throws IOException {
        Path first = file(TWO_PRESCRIBERS);
        Path second = file("Tot_Clms,Prscrbr_NPI\n3,1003000167\n");
        Path third = file(PRESCRIBERS + "1003000175,UTICA,3\n");
        assertThat(load(CmsDataset.PRESCRIBER, first, second, third)).isEqualTo(new LoadCounts(4, 0, 0, 0));
        assertThat(load(CmsDataset.PRESCRIBER, third, first, second)).isEqualTo(new LoadCounts(0, 0, 0, 4));

        assertThat(load(CmsDataset.PRESCRIBER, second, file(PRESCRIBERS + "1003000142,MIAMI,7\n")))
                .isEqualTo(new LoadCounts(0, 1, 2, 1));
    }

    @Test
    void aRoleThatMayWriteTheTablesNeedsNoRightToMakeAny() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        String onDatabase = " CREATE ON DATABASE " + source.database();
        query("REVOKE" + onDatabase + " FROM " + source.user());
        try {
            assertThat(load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS + "1003000167,UTICA,3\n"))
                    .isEqualTo(new LoadCounts(1, 0, 0, 2));
            String before = query(PRESCRIBER_ROWS);
            query("REVOKE DELETE ON cms.prescriber FROM " + source.user());
            Path fewer = file(PRESCRIBERS + "1003000167,MIAMI,3\n");

            assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, fewer))
                    .hasMessage("Cannot load " + fewer + " into cms.prescriber: ERROR: permission denied for table"
                            + " prescriber. Nothing of it was loaded. Mend that, then load it again.");
            assertThat(query(PRESCRIBER_ROWS)).isEqualTo(before);
        } finally {
            query("GRANT" + onDatabase + " TO " + source.user());
        }
    }

    @Test
    void aDryRunOnlyCounts() throws IOException {
        Path file = file(TWO_PRESCRIBERS);
        try (Shutdown shutdown = new Shutdown()) {
            assertThat(new Load(source, CmsDataset.PRESCRIBER, OptionalInt.of(2016), shutdown, out())
                            .run(List.of(file), false))
                    .isEqualTo(new LoadCounts(2, 0, 0, 0));
        }
        assertThat(query("SELECT count(*) FROM cms.prescriber")).isEqualTo("0\n");
    }

    @Test
    void aShutdownWhileTheFileIsReadLoadsNothing() throws IOException {
        Path file = file(TWO_PRESCRIBERS);
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.request();
            assertThatThrownBy(() -> new Load(source, CmsDataset.PRESCRIBER, OptionalInt.of(2016), shutdown, out())
                            .run(List.of(file), true))
                    .isInstanceOf(Failure.class)
                    .hasMessage("Stopped: nothing of " + file + " was loaded.");
        }
        assertThat(query("SELECT count(*) FROM cms.prescriber")).isEqualTo("0\n");
    }

    @Test
    void aShutdownCancelsAStatementThatHasSaidHowLongItRuns() throws Exception {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        Path file = file(PRESCRIBERS + "1003000126,UTICA,12\n");
        String before = query(PRESCRIBER_ROWS);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (Connection other = source.open();
                Shutdown shutdown = new Shutdown();
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            lockRows(other);
            CompletableFuture<LoadCounts> load = CompletableFuture.supplyAsync(
                    () -> new Load(source, CmsDataset.PRESCRIBER, OptionalInt.of(2016), shutdown, out)
                            .run(List.of(file), true));
            await(() -> printed.toString(StandardCharsets.UTF_8).contains("writing the differences: 5 s"));

            shutdown.request();

            assertThatThrownBy(() -> load.get(5, TimeUnit.SECONDS))
                    .cause()
                    .hasMessage("Stopped: nothing of " + file + " was loaded.");
        }
        assertThat(query(PRESCRIBER_ROWS)).isEqualTo(before);
    }

    @Test
    void aServerThatGoesAwayIsNamed() throws Exception {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        Path file = file(PRESCRIBERS + "1003000126,UTICA,12\n");
        String before = query(PRESCRIBER_ROWS);
        try (Connection other = source.open()) {
            lockRows(other);
            CompletableFuture<LoadCounts> load = CompletableFuture.supplyAsync(() -> load(CmsDataset.PRESCRIBER, file));
            await(() -> query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                            + " WHERE wait_event_type = 'Lock' AND application_name = 'headwater'")
                    .equals("1\n"));

            assertThatThrownBy(() -> load.get(5, TimeUnit.SECONDS))
                    .cause()
                    .hasMessage("Cannot load " + file + " into cms.prescriber: PostgreSQL went away: FATAL: terminating"
                            + " connection due to administrator command. Nothing of it was loaded. Once the server runs,"
                            + " load it again.");
        }
        assertThat(query(PRESCRIBER_ROWS)).isEqualTo(before);
    }

    @Test
    void aSecondLoadAtTheSameTimeIsRefused() throws Exception {
        try (Connection other = source.open();
                Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(hashtext('headwater load'), hashtext('prescriber'))");

            assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS))
                    .hasMessageContaining("another load of it is under way");
        }
    }

    @Test
    void theRealFilesLoadAndNextYearsFileIsTheirDifferences() throws IOException {
        Path cms = Home.folder().resolve("../shared/data/cms").normalize();
        assumeTrue(Files.isDirectory(cms), () -> "skipped: there are no real CMS files in " + cms);

        assertThat(load(CmsDataset.PRESCRIBER_DRUG, cms.resolve("by_provider_and_drug_2016.csv")))
                .isEqualTo(new LoadCounts(lines(cms.resolve("by_provider_and_drug_2016.csv")), 0, 0, 0));
        assertThat(load(CmsDataset.DRUG, cms.resolve("by_geography_and_drug_2016.csv")))
                .isEqualTo(new LoadCounts(lines(cms.resolve("by_geography_and_drug_2016.csv")), 0, 0, 0));
        long in2013 = lines(cms.resolve("by_provider_2013.csv"));
        long in2014 = lines(cms.resolve("by_provider_2014.csv"));
        assertThat(load(CmsDataset.PRESCRIBER, cms.resolve("by_provider_2013.csv")))
                .isEqualTo(new LoadCounts(in2013, 0, 0, 0));

        LoadCounts counts = load(CmsDataset.PRESCRIBER, cms.resolve("by_provider_2014.csv"));

        System.out.println("2013 to 2014: " + counts);
        assertThat(counts.inserted()).isZero();
        assertThat(counts.deleted()).isEqualTo(in2013 - in2014);
        assertThat(counts.updated()).isPositive();
        assertThat(counts.updated() + counts.unchanged()).isEqualTo(in2014);
        assertThat(load(CmsDataset.PRESCRIBER, cms.resolve("by_provider_2014.csv")))
                .isEqualTo(new LoadCounts(0, 0, 0, in2014));
    }

    /** Rows of a file without line breaks in its fields. */
    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count() - 1;
        }
    }

    private LoadCounts load(CmsDataset dataset, String text) throws IOException {
        return load(dataset, file(text));
    }

    private LoadCounts load(CmsDataset dataset, Path... files) {
        OptionalInt year = dataset.yearly() ? OptionalInt.of(2016) : OptionalInt.empty();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Shutdown shutdown = new Shutdown();
                PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            return new Load(source, dataset, year, shutdown, out).run(List.of(files), true);
        } finally {
            said += bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static PrintStream out() {
        return new PrintStream(java.io.OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "cms", ".csv"), text);
    }

    private static void lockRows(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT FROM cms.prescriber FOR UPDATE");
        }
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plusSeconds(60);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String query(String sql) {
        StringBuilder rows = new StringBuilder();
        try (Connection connection = source.open();
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                ResultSet result = statement.getResultSet();
                while (result.next()) {
                    for (int at = 1; at <= result.getMetaData().getColumnCount(); at++) {
                        rows.append(at == 1 ? "" : "|").append(result.getString(at));
                    }
                    rows.append('\n');
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows.toString();
    }
}
