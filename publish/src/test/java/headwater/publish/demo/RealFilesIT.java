package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Real CMS files from {@code load} to MySQL, and then the real differences between two years of prescribers. Reads the
 * folder {@code ../shared/data/cms} beside the project, or {@code -Dheadwater.cms=FOLDER}.
 */
class RealFilesIT {
    /** In a real year each prescriber has one state. */
    private static final String NO_REAL_ROWS = "multi_state_prescriber";

    private static final Path CMS = Path.of(System.getProperty(
                    "headwater.cms", Home.folder().resolve("../shared/data/cms").toString()))
            .normalize();
    private static final Path FOLDER = Path.of("target", "real-files").toAbsolutePath();
    private static final Path LOGS = FOLDER.resolve("logs");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int WITHHELD = 300;

    private static final List<HeadwaterProcess> services = new ArrayList<>();
    private static EmbeddedServers servers;
    private static Pipeline pipeline;

    /** What happened to the rows of one table. */
    private record RowChanges(long inserted, long updated, long deleted) {

        static RowChanges between(Map<List<String>, List<String>> before, Map<List<String>, List<String>> after) {
            long kept = after.keySet().stream().filter(before::containsKey).count();
            long same = after.entrySet().stream()
                    .filter(row -> row.getValue().equals(before.get(row.getKey())))
                    .count();
            return new RowChanges(after.size() - kept, kept - same, before.size() - kept);
        }
    }

    @AfterAll
    static void stop() {
        services.forEach(HeadwaterProcess::kill);
        if (servers != null) {
            servers.close();
        }
    }

    @Test
    void realFilesAndTheDifferencesOfTwoRealYearsReachMySql() throws IOException {
        start();
        load("prescriber-drug", CMS.resolve("by_provider_and_drug_2016.csv"));
        load("drug", CMS.resolve("by_geography_and_drug_2016.csv"));
        load("prescriber", withholding(CMS.resolve("by_provider_2013.csv")));
        run("setup");
        services.add(process("merge", "--backfill", "--every", "500ms"));
        services.add(process("capture"));
        services.add(process("publish", "--every", "500ms"));
        proveThatTheMartEqualsTheSource();
        assertThatTheRowWithoutClaimsIsRejected();
        Map<String, Map<List<String>, List<String>>> before = mart();

        assertThat(load("prescriber", CMS.resolve("by_provider_2014.csv")))
                .contains("inserted=" + WITHHELD + " ", "deleted=2243 ");
        carryIntoPrescriberDrug();
        turnIntoOrganizations();
        moveTheOnlyPrescriberOfGuamToAlaska();
        correctClaims();
        proveThatTheMartEqualsTheSource();

        Map<String, Map<List<String>, List<String>>> after = mart();
        before.forEach((table, rows) -> {
            if (table.equals(NO_REAL_ROWS)) {
                return;
            }
            RowChanges changes = RowChanges.between(rows, after.get(table));
            System.out.println("changed in MySQL: " + table + " inserted=" + changes.inserted() + " updated="
                    + changes.updated() + " deleted=" + changes.deleted());
            assertThat(changes.inserted()).as("inserted into " + table).isPositive();
            assertThat(changes.updated()).as("updated in " + table).isPositive();
            assertThat(changes.deleted()).as("deleted from " + table).isPositive();
        });
    }

    private static void start() {
        String reason = "skipped: there are no real CMS files in " + CMS;
        if (!Files.isDirectory(CMS)) {
            System.out.println("RealFilesIT " + reason);
        }
        assumeTrue(Files.isDirectory(CMS), reason);
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        servers.s3().useInThisJvm();
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
    }

    /** A copy without some of those who are in next year's file too, and whom a report shows. */
    private static Path withholding(Path prescribers) throws IOException {
        Set<String> withheld = new HashSet<>(npis(CMS.resolve("by_provider_and_drug_2016.csv")));
        withheld.retainAll(npis(prescribers));
        withheld.retainAll(npis(CMS.resolve("by_provider_2014.csv")));
        Set<String> chosen = withheld.stream().sorted().limit(WITHHELD).collect(Collectors.toSet());
        assertThat(chosen).hasSize(WITHHELD);
        try (Stream<String> lines = Files.lines(prescribers)) {
            List<String> kept =
                    lines.filter(line -> !chosen.contains(npi(line))).toList();
            return Files.write(FOLDER.resolve("withholding.csv"), kept);
        }
    }

    private static Set<String> npis(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.skip(1).map(RealFilesIT::npi).collect(Collectors.toSet());
        }
    }

    /** The first field of a line. */
    private static String npi(String line) {
        return line.substring(0, line.indexOf(','));
    }

    /** A prescriber who moves or marries does so in the claims as well. */
    private static void carryIntoPrescriberDrug() {
        Set<String> shared = Set.copyOf(source("SELECT DISTINCT prscrbr_npi::text FROM cms.prescriber"
                + " JOIN cms.prescriber_drug USING (year, prscrbr_npi)"));
        assertThat(shared).hasSize(553);
        String columns = "prscrbr_last_org_name, prscrbr_first_name, prscrbr_city, prscrbr_type, prscrbr_state_abrvtn,"
                + " prscrbr_state_fips";
        String theirs = columns.replace("prscrbr", "p.prscrbr");
        change("UPDATE cms.prescriber_drug d SET (" + columns + ") = (" + theirs + ") FROM cms.prescriber p"
                + " WHERE p.year = d.year AND p.prscrbr_npi = d.prscrbr_npi AND (" + theirs + ") IS DISTINCT FROM ("
                + columns.replace("prscrbr", "d.prscrbr") + ")");
    }

    /** Real files of these two years hold individuals alone. */
    private static void turnIntoOrganizations() {
        assertThat(change("UPDATE cms.prescriber SET prscrbr_ent_cd = 'O' WHERE prscrbr_ent_cd = 'I' AND prscrbr_npi IN"
                        + " (SELECT DISTINCT prscrbr_npi FROM cms.prescriber JOIN cms.prescriber_drug USING (prscrbr_npi)"
                        + " ORDER BY prscrbr_npi LIMIT 200)"))
                .isEqualTo(200);
    }

    /** No real move of the two years empties a state or is the first into one, which is what a state's row needs. */
    private static void moveTheOnlyPrescriberOfGuamToAlaska() {
        assertThat(change("UPDATE cms.prescriber_drug SET prscrbr_city = 'ANCHORAGE', prscrbr_state_abrvtn = 'AK',"
                        + " prscrbr_state_fips = '02' WHERE prscrbr_state_abrvtn = 'GU'"))
                .isEqualTo(1);
    }

    /** Moves change nothing over all states: there a drug must come, go and change. */
    private static void correctClaims() {
        assertThat(change("UPDATE cms.prescriber_drug SET brnd_name = brnd_name || ' XR' WHERE id IN (SELECT min(id)"
                        + " FROM cms.prescriber_drug WHERE tot_clms > 0 GROUP BY brnd_name, gnrc_name HAVING count(*) = 1"
                        + " ORDER BY 1 LIMIT 1)"))
                .isEqualTo(1);
        assertThat(change("UPDATE cms.prescriber_drug SET tot_clms = tot_clms + 1 WHERE id IN (SELECT min(id)"
                        + " FROM cms.prescriber_drug WHERE tot_clms > 0 GROUP BY brnd_name, gnrc_name HAVING count(*) > 1"
                        + " ORDER BY 1 LIMIT 1)"))
                .isEqualTo(1);
    }

    private static void assertThatTheRowWithoutClaimsIsRejected() {
        List<String> id = source("SELECT id::text FROM cms.prescriber_drug WHERE tot_clms IS NULL");
        assertThat(id).hasSize(1);
        List<Map<String, String>> rejected =
                new LakeRows(pipeline.lake()).of(pipeline.layout().rejected("prescriber_drug"));

        System.out.println("rejected: " + rejected);
        assertThat(rejected).hasSize(1);
        assertThat(rejected.get(0)).containsEntry("id", id.get(0)).containsEntry("rule", "claims_not_negative");
    }

    private static void proveThatTheMartEqualsTheSource() {
        CatchUp.mark(pipeline).await(PATIENCE, () -> services.forEach(HeadwaterProcess::checkRunning));
        MartProof proof = MartProof.of(pipeline);
        System.out.println("compared row by row: " + proof.rows());
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.rows())
                .allSatisfy((table, rows) -> assertThat(rows > 0).as(table).isEqualTo(!table.equals(NO_REAL_ROWS)));
    }

    /** Every published table in MySQL, key to row. */
    private static Map<String, Map<List<String>, List<String>>> mart() {
        Map<String, Map<List<String>, List<String>>> tables = new LinkedHashMap<>();
        try (Connection mart = pipeline.target().open();
                Statement statement = mart.createStatement()) {
            for (CuratedSpec table : pipeline.published()) {
                try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table.name())) {
                    Map<List<String>, List<String>> byKey = new HashMap<>();
                    while (rows.next()) {
                        byKey.put(
                                values(rows, table.key()),
                                values(rows, table.columns().keySet()));
                    }
                    tables.put(table.name(), byKey);
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return tables;
    }

    private static List<String> values(ResultSet row, Iterable<String> columns) throws SQLException {
        List<String> values = new ArrayList<>();
        for (String column : columns) {
            values.add(row.getString(column));
        }
        return values;
    }

    private static List<String> source(String query) {
        try (Connection source = pipeline.source().open();
                Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static int change(String sql) {
        try (Connection source = pipeline.source().open();
                Statement statement = source.createStatement()) {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** What it says that it did. */
    private static String load(String dataset, Path file) {
        List<String> said = run("load", "--dataset", dataset, "--year", "2016", file.toString()).stream()
                .filter(line -> line.startsWith("cms.") && line.contains("inserted="))
                .toList();
        String counts = said.get(said.size() - 1);
        System.out.println("loaded " + file.getFileName() + " into " + counts);
        return counts;
    }

    private static List<String> run(String command, String... options) {
        try (HeadwaterProcess process = process(command, options)) {
            process.awaitSuccess();
            return process.output();
        }
    }

    private static HeadwaterProcess process(String command, String... options) {
        Map<String, String> environment = FewRows.environment(LOGS);
        environment.putAll(servers.environment());
        return HeadwaterProcess.start(LOGS, environment, command, options);
    }
}
