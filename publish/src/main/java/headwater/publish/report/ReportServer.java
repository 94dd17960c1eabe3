package headwater.publish.report;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.staticfiles.Location;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The web server of the reports: addresses, headers, and a page for everything that goes wrong. */
public final class ReportServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReportServer.class);
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");
    /** Nothing but this server; a data block is no script. */
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Permissions-Policy",
            "camera=(), geolocation=(), microphone=()");

    private final Mart mart;
    private final FiguresCache cache;
    private final HealthReader health;
    private final Pages pages;
    private final boolean loopback;
    private final List<Report> all;
    private final List<Report> reports;
    private final Javalin server;

    private ReportServer(Pipeline pipeline, List<Report> all, Mart mart, String host) {
        this.all = all;
        this.mart = mart;
        this.cache = new FiguresCache(mart);
        this.health = new HealthReader(pipeline);
        this.reports =
                all.stream().filter(report -> mart.missing(report).isEmpty()).toList();
        this.pages = new Pages(pipeline.name(), reports, pipeline.report().staleAfter());
        this.loopback = LOOPBACK.contains(host);
        this.server = Javalin.create(this::configure);
    }

    /**
     * Starts serving.
     *
     * @param reports in the order of the navigation; one whose tables are not published is left out of it
     * @param port 0 for a free one
     * @throws Failure OPERATOR if the port is taken or the host is not one of this machine
     */
    public static ReportServer start(Pipeline pipeline, List<Report> reports, String host, int port) {
        return start(pipeline, reports, new Mart(pipeline), host, port);
    }

    /** The same, from a mart that the server closes. */
    public static ReportServer start(Pipeline pipeline, List<Report> reports, Mart mart, String host, int port) {
        ReportServer report = new ReportServer(pipeline, reports, mart, host);
        try {
            report.server.start(host, port);
            return report;
        } catch (JavalinBindException e) {
            report.close();
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot serve reports at " + host + ":" + port + ": " + Failure.reason(e)
                            + ". Give another --port, or end the program that has it.",
                    e);
        }
    }

    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
        mart.close();
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.staticFiles.add(files -> {
            files.hostedPath = "/assets";
            files.directory = "/headwater/publish/report/assets";
            files.location = Location.CLASSPATH;
            files.headers = Map.of("Cache-Control", "no-cache");
        });
        config.staticFiles.add(files -> {
            files.hostedPath = "/echarts";
            files.directory = "/META-INF/resources/webjars/echarts/" + echartsVersion();
            files.location = Location.CLASSPATH;
            files.headers = Map.of("Cache-Control", "max-age=86400");
        });
        config.routes.before(this::guard);
        config.routes.get(
                "/",
                context -> context.redirect(
                        reports.isEmpty() ? "/pipeline" : "/" + reports.get(0).path()));
        for (Report report : all) {
            String path = "/" + report.path();
            config.routes.get(
                    path,
                    context -> page(
                            context,
                            pages.report(cache.figures(report, query(context, "year"), query(context, "state")))));
            config.routes.get(path + "/rows", context -> page(context, pages.rows(rows(context, report))));
            config.routes.get(path + "/rows.csv", context -> download(context, report));
            for (Visual visual : report.visuals()) {
                config.routes.get(path + "/" + visual.id() + ".csv", context -> download(context, report, visual));
            }
        }
        config.routes.get("/pipeline", context -> page(context, pages.pipeline(health.read())));
        config.routes.exception(Problem.class, this::answer);
        config.routes.exception(Exception.class, this::unexpected);
        config.routes.error(404, context -> {
            // a problem of ours has said so already
            if (context.attribute("answered") == null) {
                answer(Problem.noSuchPage(context.path()), context);
            }
        });
    }

    /** A page of another site must not read through the reader's browser what only this machine may. */
    private void guard(Context context) {
        HEADERS.forEach(context::header);
        String host = Optional.ofNullable(context.host()).orElse("").replaceFirst(":\\d+$", "");
        if (loopback && !LOOPBACK.contains(host.toLowerCase(Locale.ROOT))) {
            throw new Problem(
                    403,
                    "Not served under this name",
                    "This server answers on this machine only, and was asked for as \"" + host + "\".",
                    "Start it with --host to serve it to others.");
        }
    }

    private static void page(Context context, String html) {
        context.header("Cache-Control", "no-store").html(html);
    }

    private RowPage rows(Context context, Report report) {
        return mart.rows(
                report,
                query(context, "year"),
                query(context, "state"),
                query(context, "sort"),
                query(context, "page").map(ReportServer::pageNumber).orElse(1));
    }

    private static int pageNumber(String asked) {
        if (!asked.matches("[1-9][0-9]{0,5}")) {
            throw Problem.unknown("page", asked, "1 and those after it");
        }
        int page = Integer.parseInt(asked);
        if (page > RowPage.LAST) {
            throw new Problem(
                    404,
                    "There is no such page",
                    "Rows are shown up to page " + RowPage.LAST + ".",
                    "Choose a state or another order, or take the CSV of all rows.");
        }
        return page;
    }

    private void download(Context context, Report report, Visual visual) {
        Figures figures = cache.figures(report, query(context, "year"), query(context, "state"));
        attach(context, report.path() + "-" + visual.id(), figures.filter());
        send(context, csv -> {
            List<String> headings = visual.columns();
            boolean card = headings.get(0).isEmpty();
            csv.write(card ? headings.subList(1, 2) : headings);
            figures.of(visual).forEach(row -> csv.write(card ? row.subList(1, 2) : row));
        });
    }

    private void download(Context context, Report report) {
        // asked first, so that a wrong filter is answered by a page and not in the middle of a file
        Filter filter = cache.figures(report, query(context, "year"), query(context, "state"))
                .filter();
        attach(context, report.path() + "-rows", filter);
        send(context, csv -> {
            csv.write(report.rows().columns().stream()
                    .map(RowTable.Column::heading)
                    .toList());
            mart.everyRow(report, query(context, "year"), query(context, "state"), csv::write);
        });
    }

    /** Sends a file that must never look whole if it is not: once part of it is out, a failure breaks the connection. */
    private static void send(Context context, Consumer<CsvFile> content) {
        try {
            // closed by the server: to close it here would end the file properly, whatever it lacks
            Writer out = new OutputStreamWriter(context.outputStream(), StandardCharsets.UTF_8);
            content.accept(new CsvFile(out));
            out.flush();
        } catch (IOException | RuntimeException e) {
            if (!context.res().isCommitted()) {
                context.res().resetBuffer();
                context.res().setHeader("Content-Disposition", null);
                throw e instanceof RuntimeException unchecked ? unchecked : new UncheckedIOException((IOException) e);
            }
            LOG.warn("A download broke off path={}: {}", context.path(), Failure.reason(e));
            context.attribute("answered", true);
            ServletContextRequest.getServletContextRequest(context.req())
                    .getServletChannel()
                    .abort(e);
        }
    }

    private static void attach(Context context, String name, Filter filter) {
        String file = name + "-" + filter.year()
                + filter.state().map(state -> "-" + state.code()).orElse("") + ".csv";
        context.contentType("text/csv; charset=utf-8")
                .header("Cache-Control", "no-store")
                .header("Content-Disposition", "attachment; filename=\"" + file + "\"");
    }

    private void answer(Problem problem, Context context) {
        LOG.info("Answered path={} status={} problem={}", context.path(), problem.status(), problem.title());
        context.attribute("answered", true);
        context.status(problem.status());
        if (problem.passes()) {
            context.header("Retry-After", "5");
        }
        page(context, pages.problem(problem));
    }

    private void unexpected(Exception e, Context context) {
        LOG.error("Cannot answer path={}", context.path(), e);
        answer(
                new Problem(
                        500,
                        "This page cannot be made",
                        "Headwater met something that it did not foresee: "
                                + e.getClass().getSimpleName() + ".",
                        "The log of the report server tells more; please report it."),
                context);
    }

    private static Optional<String> query(Context context, String name) {
        return Optional.ofNullable(context.queryParam(name));
    }

    /** The version that is on the class path, from the WebJar's own description. */
    private static String echartsVersion() {
        try (var description =
                ReportServer.class.getResourceAsStream("/META-INF/maven/org.webjars/echarts/pom.properties")) {
            java.util.Properties properties = new java.util.Properties();
            properties.load(description);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
