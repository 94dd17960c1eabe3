package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.report.partd.PartDReports;
import headwater.publish.setup.TargetSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the report server answers when not all is well: always a page with words. */
class ReportServerIT {
    private static final List<String> PAGES = List.of(
            "/drugs", "/prescribers", "/drugs/rows", "/prescribers/rows", "/drugs/types.csv", "/drugs/rows.csv");

    private static EmbeddedServers servers;
    private static Pipeline pipeline;
    private static ReportServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws SQLException {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        client = HttpClient.newHttpClient();
        servers = EmbeddedServers.start(Path.of("target", "report-server").toAbsolutePath());
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        server = ReportServer.start(pipeline, PartDReports.ALL, "127.0.0.1", 0);
        publish();
    }

    @AfterAll
    static void stop() {
        server.close();
        servers.close();
    }

    @Test
    void figuresAreThoseOfTheFilter() throws Exception {
        assertThat(get("/prescribers").body())
                .contains("<h1>Prescriber Report</h1>", "Complete up to LSN", "0/64")
                .contains(card("prescribers", "3"), card("total-claims", "160"), card("total-cost", "$1,600.50"));
        assertThat(get("/prescribers?year=2020&state=CA").body())
                .contains(card("prescribers", "2"), card("total-claims", "110"))
                .contains("<option value=\"CA\" selected>California</option>");
        assertThat(get("/prescribers?year=2019").body()).contains(card("prescribers", "1"), card("total-claims", "7"));
    }

    @Test
    void aPrescriberOfTwoStatesCountsOnceOverAll() throws Exception {
        // 1003000126 has 60 claims in CA and 50 in NY, more than 1003000134's 70
        assertThat(get("/prescribers/top-prescribers-by-claims.csv?year=2020").body())
                .isEqualTo(
                        "NPI,Prescriber,Claims\r\n1003000126,Ann Lee,90\r\n1003000134,\"Lee, Bo\",50\r\n1003000142,,20\r\n");
        assertThat(get("/prescribers/specialties.csv?year=2020").body())
                .isEqualTo("Specialty,Prescribers\r\nDentist,2\r\n'=SUM(1),1\r\n");
    }

    @Test
    void theRowsBehindAStateAreSortedAndDownloadable() throws Exception {
        String byCost = get("/prescribers/rows?state=CA&sort=total_drug_cost").body();
        assertThat(byCost).contains("Rows 1 to 2").contains("aria-sort=\"descending\"");
        assertThat(byCost.indexOf("1003000134")).isPositive().isLessThan(byCost.indexOf("1003000126"));
        assertThat(get("/prescribers/rows.csv?state=NY").body())
                .isEqualTo("State,NPI,Prescriber,Specialty,Type,Claims,Cost,Drugs\r\n"
                        + "NY,1003000126,Ann Lee,Dentist,Individual,30,300.00,1\r\n"
                        + "NY,1003000142,,'=SUM(1),Unknown,20,200.50,1\r\n");
        assertThat(get("/prescribers/rows?page=2").body()).contains("No more rows for All states, 2020.");
    }

    @Test
    void whatIsNotPublishedIsNamedWithWhatIs() throws Exception {
        for (String page : PAGES) {
            assertThat(problem(page + "?year=1999", 404)).contains("year &quot;1999&quot;", "2020, 2019");
            assertThat(problem(page + "?state=QQ", 404)).contains("state &quot;QQ&quot;", "CA, NY");
        }
        assertThat(problem("/drugs/rows?sort=drug", 404)).contains("column to sort by", "total_claims, total_cost");
        assertThat(problem("/drugs/rows?page=-1", 404)).contains("page &quot;-1&quot;");
        assertThat(problem("/drugs/rows?page=201", 404)).contains("up to page 200", "the CSV of all rows");
        assertThat(problem("/nowhere", 404)).contains("Nothing is at /nowhere.");
        assertThat(problem("/drugs/nowhere.csv", 404)).contains("There is no such page");
    }

    @Test
    void sqlAndMarkupInAnAddressStayText() throws Exception {
        for (String attack : List.of(
                "2020 OR 1=1",
                "2020; DROP TABLE drug_report",
                "' OR ''='",
                "<script>alert(1)</script>",
                "2020' UNION SELECT user, authentication_string FROM mysql.user -- ")) {
            String asked = URLEncoder.encode(attack, StandardCharsets.UTF_8);
            for (String page : PAGES) {
                assertThat(problem(page + "?year=" + asked, 404)).doesNotContain("<script>alert");
                assertThat(problem(page + "?state=" + asked, 404)).doesNotContain("<script>alert");
            }
            assertThat(problem("/drugs/rows?sort=" + asked, 404)).contains("column to sort by");
        }
        assertThat(get("/drugs").statusCode()).isEqualTo(200);
    }

    @Test
    void oldDataIsSaidToBeStale() throws Exception {
        assertThat(get("/drugs").body()).doesNotContain("Stale:");
        write("UPDATE headwater_publication SET committed_at = UTC_TIMESTAMP(6) - INTERVAL 3 HOUR");

        assertThat(get("/drugs").body()).contains("Stale: nothing was published since", "3 h ago", "freshness warn");

        write("UPDATE headwater_publication SET committed_at = UTC_TIMESTAMP(6)");
    }

    @Test
    void aLargePublicationUnderWayIsSaid() throws Exception {
        write("UPDATE headwater_publication SET state = 'in progress', target_lsn = 200");

        assertThat(get("/drugs").body()).contains("A large publication to 0/C8 is under way");

        write("UPDATE headwater_publication SET state = 'complete', target_lsn = NULL");
    }

    @Test
    void nothingPublishedYetIsAPage() throws Exception {
        write("UPDATE headwater_publication SET lsn = NULL");
        for (String page : PAGES) {
            assertThat(problem(page, 503)).contains("Nothing is published yet", "./headwater publish");
        }
        write("UPDATE headwater_publication SET lsn = 100");

        write("RENAME TABLE state_summary TO kept");
        assertThat(problem("/drugs", 503)).contains("The report tables are not there", "./headwater setup");
        write("CREATE TABLE state_summary LIKE kept");
        assertThat(problem("/drugs", 503)).contains("The published tables are empty", "./headwater load");
        write("DROP TABLE state_summary");
        write("RENAME TABLE kept TO state_summary");
        assertThat(get("/drugs").statusCode()).isEqualTo(200);
    }

    @Test
    void whileMySqlIsDownEveryPageSaysSoAndThenFindsBack() throws Exception {
        servers.mySql().kill();
        for (String page : List.of("/drugs", "/prescribers/rows")) {
            assertThat(problem(page, 503)).contains("MySQL cannot be read", "Check that the server runs", "refresh");
        }
        HttpResponse<String> health = get("/pipeline");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains("things are wrong", "Cannot connect to MySQL", "<h2>Cleansed</h2>", "<h2>MySQL</h2>")
                .doesNotContain("\tat ");

        servers.mySql().restart();

        assertThat(get("/drugs").statusCode()).isEqualTo(200);
    }

    @Test
    void aDownloadThatMySqlBreaksOffNeverLooksWhole() throws Exception {
        write(
                "INSERT INTO prescriber_report SELECT /*+ SET_VAR(cte_max_recursion_depth = 300000) */ 2020, 'CA', 2000000000 + n,"
                        + " REPEAT('x', 80), 'Dentist', 'Individual', 'California', 60, 500.00, 1 FROM (WITH RECURSIVE number AS"
                        + " (SELECT 1 AS n UNION ALL SELECT n + 1 FROM number WHERE n < 250000) SELECT n FROM number) numbers");
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.port() + "/prescribers/rows.csv?year=2020"))
                    .build();
            HttpResponse<InputStream> answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                assertThat(body.readNBytes(100)).hasSize(100);
                killDownload();

                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
        } finally {
            write("DELETE FROM prescriber_report WHERE presc_id >= 2000000000");
        }
    }

    private static void killDownload() throws SQLException {
        // a user sees and ends what is its own
        try (Connection connection = pipeline.reader().open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id FROM information_schema.processlist"
                        + " WHERE info LIKE '%prescriber_report%' AND id <> CONNECTION_ID()")) {
            assertThat(row.next()).isTrue();
            long id = row.getLong(1);
            try (Statement kill = connection.createStatement()) {
                kill.execute("KILL " + id);
            }
        }
    }

    @Test
    void aWrongPasswordIsSaidWithoutIt() throws Exception {
        Map<String, String> environment = new HashMap<>(servers.environment());
        environment.put("HEADWATER_REPORT_PASSWORD", "not-the-password");
        try (ReportServer other = ReportServer.start(
                PipelineFile.read(PipelineFile.SHIPPED, environment::get), PartDReports.ALL, "127.0.0.1", 0)) {
            HttpResponse<String> answer = get(other, "/drugs", "127.0.0.1");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body())
                    .contains("Access denied for user &#39;headwater_report&#39;")
                    .doesNotContain("not-the-password");
        }
    }

    @Test
    void theReportUserMayNotWrite() throws Exception {
        StringWriter said = new StringWriter();
        new TargetSchema(pipeline).setUp(new PrintWriter(said, true));
        assertThat(said.toString()).contains("report user headwater_report is there and may only read");
        try (Connection reader = pipeline.reader().open();
                Statement statement = reader.createStatement()) {
            assertThatThrownBy(() -> statement.execute("DELETE FROM drug_report"))
                    .hasMessageContaining("DELETE command denied");
        }
    }

    @Test
    void answersCarrySecurityHeadersAndOnlyUnderALocalName() throws Exception {
        HttpResponse<String> page = get("/drugs");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(page.headers().firstValue("Server")).isEmpty();
        assertThat(page.body()).doesNotContain("http://", "https://", "style=");
        assertThat(get(server, "/drugs", "evil.example").statusCode()).isEqualTo(403);
        assertThat(get(server, "/drugs", "localhost:" + server.port()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aTakenPortIsSaid() {
        assertThatThrownBy(() -> ReportServer.start(pipeline, PartDReports.ALL, "127.0.0.1", server.port()))
                .hasMessageContaining("Cannot serve reports at 127.0.0.1:" + server.port())
                .hasMessageContaining("Give another --port");
    }

    private static String card(String id, String exact) {
        return "id=\"" + id + "-number\" data-live title=\"" + exact + "\"";
    }

    private static String problem(String path, int status) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(status);
        assertThat(answer.body())
                .as(path)
                .contains("role=\"alert\"")
                .doesNotContain("\tat ")
                .doesNotContain("Exception");
        return answer.body();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(server, path, "127.0.0.1:" + server.port());
    }

    private static HttpResponse<String> get(ReportServer from, String path, String host) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + from.port() + path))
                        .header("Host", host)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** A few rows as the pipeline would publish them. */
    private static void publish() throws SQLException {
        new TargetSchema(pipeline).setUp(new PrintWriter(new StringWriter(), true));
        write(
                "INSERT INTO state_summary VALUES (2019, 'CA', 'California', 1, 1, 7, 70.00, 1, 10),"
                        + " (2020, 'CA', 'California', 2, 2, 110, 1100.00, 1, 10), (2020, 'NY', 'New York', 2, 2, 50, 500.50, 1, 10)");
        write("INSERT INTO prescriber_report VALUES"
                + " (2019, 'CA', 1003000126, 'Ann Lee', 'Dentist', 'Individual', 'California', 7, 70.00, 1),"
                + " (2020, 'CA', 1003000126, 'Ann Lee', 'Dentist', 'Individual', 'California', 60, 500.00, 1),"
                + " (2020, 'CA', 1003000134, 'Lee, Bo', 'Dentist', 'Individual', 'California', 50, 600.00, 1),"
                + " (2020, 'NY', 1003000126, 'Ann Lee', 'Dentist', 'Individual', 'New York', 30, 300.00, 1),"
                + " (2020, 'NY', 1003000142, NULL, '=SUM(1)', 'Unknown', 'New York', 20, 200.50, 1)");
        write(
                "INSERT INTO multi_state_prescriber SELECT year, presc_id, state_code, presc_fullname, presc_specialty,"
                        + " presc_type, total_claims, total_drug_cost FROM prescriber_report WHERE year = 2020 AND presc_id = 1003000126");
        write("INSERT INTO prescriber_summary SELECT year, state_code, presc_specialty, presc_type, COUNT(*)"
                + " FROM prescriber_report GROUP BY year, state_code, presc_specialty, presc_type");
        write("INSERT INTO drug_report VALUES"
                + " (2020, 'CA', 'Pen Needle', 'Pen Needle, Diabetic', 'Non-antibiotic', 110, 1100.00, 1.0, 30, 2),"
                + " (2020, 'NY', 'Zithromax', 'Azithromycin', 'Antibiotic', 50, 500.50, 1.0, 30, 2)");
        write(
                "INSERT INTO drug_summary SELECT year, drug_brand_name, drug, drug_type, total_claims, total_cost FROM drug_report");
        write("INSERT INTO headwater_publication (pipeline, source_epoch, lsn, state, committed_at, rows_upserted,"
                + " rows_deleted) VALUES ('medicare-part-d', 1, 100, 'complete', UTC_TIMESTAMP(6), 9, 0)");
    }

    private static void write(String sql) throws SQLException {
        try (Connection connection = pipeline.target().open();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
