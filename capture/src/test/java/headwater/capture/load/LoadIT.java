package headwater.capture.load;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadIT {
    private static final String PRESCRIBERS = "Prscrbr_NPI,Prscrbr_City,Tot_Clms\n";
    private static final String TWO_PRESCRIBERS = PRESCRIBERS + "1003000126,TOLEDO,12\n1003000142,,7\n";

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
    void whatIsRefusedLeavesTheTableAsItIs() throws IOException {
        load(CmsDataset.PRESCRIBER, TWO_PRESCRIBERS);
        String before = query("SELECT ctid, xmin, * FROM cms.prescriber ORDER BY id");
        for (String damaged : List.of(
                PRESCRIBERS + "1003000126,UTICA,12\n1003000142,UTI",
                PRESCRIBERS + "1003000126,UTICA,12\n1003000142,\"UTICA,3\n",
                PRESCRIBERS + "1003000126,UTICA,12\n1003000142,UTICA,3,4\n1003000167,UTICA,3\n",
                PRESCRIBERS + "1003000126,UTICA,twelve\n",
                "city\nTOLEDO\n",
                "")) {
            assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, damaged))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("Nothing was loaded.");
            assertThat(query("SELECT ctid, xmin, * FROM cms.prescriber ORDER BY id"))
                    .isEqualTo(before);
        }
    }

    @Test
    void aKeyThatOccursTwiceIsRefusedWithBothLines() throws IOException {
        Path first = file(TWO_PRESCRIBERS);
        Path second = file(PRESCRIBERS + "1003000167,UTICA,3\n1003000142,UTICA,3\n");

        assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, first, second))
                .hasMessage("Cannot load " + second + ": line 3 has the same prscrbr_npi as line 3 of " + first
                        + ". Nothing was loaded. Remove one of the two, then load again.");
        assertThat(query("SELECT count(*) FROM cms.prescriber")).isEqualTo("0\n");
    }

    @Test
    void severalFilesAreTheWholeTogether() throws IOException {
        Path first = file(TWO_PRESCRIBERS);
        Path second = file(PRESCRIBERS + "1003000167,UTICA,3\n");
        assertThat(load(CmsDataset.PRESCRIBER, first, second)).isEqualTo(new LoadCounts(3, 0, 0, 0));

        assertThat(load(CmsDataset.PRESCRIBER, second)).isEqualTo(new LoadCounts(0, 0, 2, 1));
        assertThatThrownBy(() -> load(CmsDataset.PRESCRIBER, first, file("Prscrbr_NPI\n1003000126\n")))
                .hasMessageContaining("it has other columns, or in another order, than " + first);
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
    void aShutdownLoadsNothing() throws IOException {
        Path file = file(TWO_PRESCRIBERS);
        try (Shutdown shutdown = new Shutdown()) {
            shutdown.request();
            assertThatThrownBy(() -> new Load(source, CmsDataset.PRESCRIBER, OptionalInt.of(2016), shutdown, out())
                            .run(List.of(file), true))
                    .hasMessage("Stopped: nothing was loaded.");
        }
        assertThat(query("SELECT count(*) FROM cms.prescriber")).isEqualTo("0\n");
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
