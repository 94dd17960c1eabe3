package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.demo.CatchUp;
import headwater.publish.demo.HeadwaterProcess;
import headwater.publish.report.partd.DrugReport;
import headwater.publish.report.partd.PartDReports;
import headwater.publish.report.partd.PrescriberReport;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The pages in a browser, on generated data that came through the whole pipeline, against SQL over the source. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrowserIT {
    private static final Path FOLDER = Path.of("target", "browser").toAbsolutePath();
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final int YEAR = 2020;
    private static final String ALL_DRAWN =
            "() => [...document.querySelectorAll('[data-visual]')].every(chart => chart.dataset.drawn)";

    private static final List<HeadwaterProcess> services = new ArrayList<>();
    private static EmbeddedServers servers;
    private static Pipeline pipeline;
    private static ReportServer server;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> complaints = new ArrayList<>();
    private Page page;

    @BeforeAll
    static void start() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
        run("generate", "--rows", "20000");
        run("setup");
        services.add(process("capture"));
        services.add(process("merge", "--backfill", "--every", "1s"));
        services.add(process("publish", "--every", "1s"));
        servers.s3().useInThisJvm();
        server = ReportServer.start(pipeline, PartDReports.ALL, "127.0.0.1", 0);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking")));
        awaitEverything();
    }

    @AfterAll
    static void stop() {
        browser.close();
        playwright.close();
        server.close();
        services.forEach(HeadwaterProcess::close);
        servers.close();
    }

    @BeforeEach
    void openBrowser() {
        page = open(1366, 768, ColorScheme.LIGHT);
    }

    @Test
    @Order(1)
    void everyVisualShowsWhatTheSourceSays() throws SQLException {
        for (Report report : PartDReports.ALL) {
            for (String state : List.of("", "CA", "WY")) {
                long startedAt = System.nanoTime();
                show(report.path() + "?year=" + YEAR + (state.isEmpty() ? "" : "&state=" + state));
                System.out.printf(
                        "first page complete: %s %s %d ms%n",
                        report.path(), state, (System.nanoTime() - startedAt) / 1_000_000);
                assertShowsTheSource(report, state);
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(2)
    void filtersDrillAndNumbersWorkByKeyboard() throws SQLException {
        show("prescribers");
        page.keyboard().press("Tab");
        assertThat(page.locator(":focus").textContent()).isEqualTo("Skip to the content");
        tabTo("#state");
        page.keyboard().type("Calif");
        page.waitForURL(address -> address.endsWith("/prescribers?year=2020&state=CA"));
        page.waitForFunction("() => document.getElementById('rows-link').textContent.includes('California')");
        page.waitForFunction(ALL_DRAWN);
        assertShowsTheSource(PrescriberReport.REPORT, "CA");
        assertThat(page.locator(":focus").getAttribute("id")).isEqualTo("state");

        tabTo("#top-states-summary");
        page.keyboard().press("Enter");
        assertThat(page.locator("#top-states-numbers").isVisible()).isTrue();

        tabTo("#rows-link");
        page.keyboard().press("Enter");
        page.waitForURL(address -> address.contains("/prescribers/rows?year=2020&state=CA"));
        assertThat(page.locator("#rows tbody tr").count()).isPositive();
        assertThat(page.locator("#rows tbody tr td:first-child").allTextContents())
                .containsOnly("CA");

        page.goBack();
        page.goBack();
        page.waitForURL(address -> !address.contains("state="));
        page.waitForFunction(ALL_DRAWN);
        assertShowsTheSource(PrescriberReport.REPORT, "");
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(3)
    void aClickOnAStateOfThePieChoosesIt() throws SQLException {
        show("prescribers?year=" + YEAR);
        String first = page.locator("#top-states-numbers tbody tr td:first-child")
                .first()
                .textContent();
        Locator pie = page.locator("#top-states-chart canvas");
        // the first slice begins at twelve o'clock and goes right; the ring's middle lies at three quarters of its
        // radius
        double height = pie.boundingBox().height;
        double width = pie.boundingBox().width;
        double radius = Math.min(height, width * 0.48) / 2 - 8;
        pie.click(new Locator.ClickOptions().setPosition(width * 0.25 + radius * 0.3, height / 2 - radius * 0.65));
        page.waitForURL(address -> address.endsWith("state=" + first));
        page.waitForFunction(ALL_DRAWN);
        assertThat(page.locator("#state").inputValue()).isEqualTo(first);
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(4)
    void thePipelinePageShowsEveryHopAndRenewsItself() throws SQLException {
        page.navigate(address("pipeline"));
        assertThat(page.locator(".hop h2").allTextContents())
                .containsExactly("PostgreSQL", "Raw", "Cleansed", "Curated", "MySQL");
        // a store that is slow to answer is named, and the next look finds it
        page.waitForFunction(
                "() => !document.querySelector('.problems') && document.querySelector('#facts section:nth-child(2) table')");
        assertThat(rejectedRows()).isEqualTo(rejectedBySource()).isPositive();
        String before = page.locator("#looked").textContent();
        page.waitForFunction("before => document.getElementById('looked').textContent !== before", before);
        assertThat(page.locator("#facts").textContent()).contains("active", "complete");
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(5)
    void everyPageIsGoodToLookAtInEachFormAndLight() {
        for (ColorScheme light : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : List.of(1366, 390)) {
                page = open(width, width == 1366 ? 768 : 844, light);
                for (String shown : List.of(
                        "drugs", "prescribers", "prescribers?year=2020&state=CA", "drugs/rows?state=CA", "pipeline")) {
                    show(shown);
                    page.screenshot(new Page.ScreenshotOptions()
                            .setFullPage(true)
                            .setPath(SCREENSHOTS.resolve(shown.replaceAll("[^a-zA-Z]+", "-") + "-"
                                    + light.name().toLowerCase(java.util.Locale.ROOT)
                                    + (width == 1366 ? "-desktop" : "-phone") + ".png")));
                    assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
                            .as(shown + " needs no scrolling to the side at " + width)
                            .isEqualTo(0);
                }
            }
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    @Order(6)
    void aChangeInPostgresReachesTheOpenPage() throws SQLException {
        show("drugs?year=" + YEAR + "&state=CA");
        String before = page.locator("#total-cost-number").getAttribute("title");
        try (Connection source = pipeline.source().open();
                Statement statement = source.createStatement()) {
            assertThat(
                            statement.executeUpdate(
                                    "UPDATE cms.prescriber_drug SET tot_drug_cst = tot_drug_cst + 1234567.89, tot_clms = tot_clms + 5000000"
                                            + " WHERE id = (SELECT min(id) FROM cms.prescriber_drug WHERE prscrbr_state_abrvtn = 'CA'"
                                            + " AND tot_clms > 0 AND tot_drug_cst > 0 AND gnrc_name > ' ' AND brnd_name > ' ' AND prscrbr_type > ' ')"))
                    .isEqualTo(1);
        }
        Instant changedAt = Instant.now();

        page.waitForFunction(
                "before => document.getElementById('total-cost-number').title !== before",
                before,
                new Page.WaitForFunctionOptions().setTimeout((double) PATIENCE.toMillis()));

        System.out.println("the change was on the page after "
                + Duration.between(changedAt, Instant.now()).toMillis() + " ms");
        assertShowsTheSource(DrugReport.REPORT, "CA");
        assertThat(complaints).isEmpty();
    }

    private void assertShowsTheSource(Report report, String state) throws SQLException {
        SourceFigures source = new SourceFigures(pipeline);
        for (Visual visual : report.visuals()) {
            List<List<Object>> expected = source.of(report, visual, YEAR, state);
            assertThat(expected).isNotEmpty();
            if (visual.kind() == Visual.Kind.CARD) {
                assertThat(page.locator("#" + visual.id() + "-number").getAttribute("title"))
                        .as(visual.title() + " " + state)
                        .isEqualTo(visual.unit().exact(number(expected.get(0))));
                continue;
            }
            assertThat(table(visual)).as(visual.title() + " " + state).isEqualTo(shown(visual, expected));
            assertThat(drawn(visual))
                    .as("drawn " + visual.title() + " " + state)
                    .isEqualTo(expected.stream()
                            .map(row -> number(row).doubleValue())
                            .toList());
        }
    }

    @SuppressWarnings("unchecked")
    private List<List<String>> table(Visual visual) {
        return (List<List<String>>) page.evaluate(
                "id => [...document.querySelectorAll(`#${id}-numbers tbody tr`)].map(row => [...row.cells].map(cell => cell.textContent))",
                visual.id());
    }

    /** What the chart itself holds. */
    private List<Double> drawn(Visual visual) {
        List<?> values = (List<?>) page.evaluate(
                "id => echarts.getInstanceByDom(document.getElementById(id + '-chart')).getOption().series[0].data.map(point => point.value)",
                visual.id());
        return values.stream().map(value -> ((Number) value).doubleValue()).toList();
    }

    private static List<List<String>> shown(Visual visual, List<List<Object>> rows) {
        return rows.stream()
                .map(row -> {
                    List<String> cells = new ArrayList<>();
                    row.subList(0, row.size() - 1)
                            .forEach(cell -> cells.add(cell == null ? "(no name)" : cell.toString()));
                    cells.add(visual.unit().exact(number(row)));
                    return cells;
                })
                .toList();
    }

    private static BigDecimal number(List<Object> row) {
        return (BigDecimal) row.get(row.size() - 1);
    }

    private long rejectedRows() {
        return page.locator("#facts section:nth-child(2) tbody tr").all().stream()
                .filter(row -> row.locator("td").first().textContent().equals("prescriber_drug"))
                .mapToLong(row ->
                        Long.parseLong(row.locator("td").last().textContent().replace(",", "")))
                .sum();
    }

    /** All rows less those that the expected rows count. */
    private static long rejectedBySource() throws SQLException {
        try (Connection source = pipeline.source().open();
                Statement statement = source.createStatement();
                var all = statement.executeQuery("SELECT count(*) FROM cms.prescriber_drug")) {
            all.next();
            long rows = all.getLong(1);
            List<List<Object>> kept = new SourceFigures(pipeline).keptPrescriberDrugRows();
            return rows - number(kept.get(0)).longValue();
        }
    }

    private void tabTo(String selector) {
        for (int i = 0; i < 100; i++) {
            page.keyboard().press("Tab");
            if ((Boolean) page.evaluate("selector => document.activeElement.matches(selector)", selector)) {
                return;
            }
        }
        throw new AssertionError("The tab key does not reach " + selector);
    }

    private void show(String path) {
        page.navigate(address(path));
        page.waitForFunction(ALL_DRAWN);
    }

    private Page open(int width, int height, ColorScheme light) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(light)
                // charts are complete at once
                .setReducedMotion(ReducedMotion.REDUCE));
        Page opened = context.newPage();
        opened.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(opened.url() + ": " + message.text());
            }
        });
        opened.onPageError(error -> complaints.add(opened.url() + ": " + error));
        return opened;
    }

    private static String address(String path) {
        return "http://127.0.0.1:" + server.port() + "/" + path;
    }

    private static void awaitEverything() {
        CatchUp.mark(pipeline).await(PATIENCE, () -> services.forEach(HeadwaterProcess::checkRunning));
    }

    private static void run(String command, String... options) {
        try (HeadwaterProcess process = process(command, options)) {
            process.awaitSuccess();
        }
    }

    private static HeadwaterProcess process(String command, String... options) {
        return HeadwaterProcess.start(FOLDER.resolve("logs"), servers.environment(), command, options);
    }
}
