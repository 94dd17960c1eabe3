package headwater.publish.bench.report;

import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.Figure;
import headwater.publish.report.Filter;
import headwater.publish.report.Mart;
import headwater.publish.report.Report;
import headwater.publish.report.ReportServer;
import headwater.publish.report.Visual;
import headwater.publish.report.partd.DrugReport;
import headwater.publish.report.partd.PartDReports;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Viewers over HTTP, each page of a random report and filter, while publications go on. */
final class ReportBench {
    private static final Duration BETWEEN_PUBLICATIONS = Duration.ofSeconds(5);
    private static final Pattern NEEDED = Pattern.compile("(?:src|href)=\"(/(?:assets|echarts)/[^\"]+)\"");

    private final Pipeline pipeline;
    private final int viewers;
    private final Duration length;
    private final PrintWriter out;
    private final Map<String, Collection<Double>> queries = new ConcurrentSkipListMap<>();
    private final Collection<Double> pages = new ConcurrentLinkedQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    ReportBench(Pipeline pipeline, int viewers, Duration length, PrintWriter out) {
        this.pipeline = pipeline;
        this.viewers = viewers;
        this.length = length;
        this.out = out;
    }

    List<Figure> run(Shutdown shutdown) throws SQLException {
        List<Figure> figures = new ArrayList<>();
        try (Mart mart = new Mart(pipeline, this::took);
                ReportServer server = ReportServer.start(pipeline, PartDReports.ALL, mart, "127.0.0.1", 0)) {
            String address = "http://127.0.0.1:" + server.port();
            figures.add(Figure.atMost("report", "first-page", firstPage(address + "/prescribers"), "ms", 1500));
            List<String> states = alone(mart, shutdown);
            print("one viewer, nothing kept");
            figures.add(Figure.atMost("report", "query-p95-alone", slowest(), "ms", 300));
            queries.clear();
            together(address, states, shutdown);
            print(viewers + " viewers for " + length.toSeconds() + " s, a publication every "
                    + BETWEEN_PUBLICATIONS.toSeconds() + " s: " + pages.size() + " pages");
            figures.add(Figure.atMost("report", "query-p95-" + viewers + "-viewers", slowest(), "ms", 300));
            figures.add(Figure.atMost("report", "page-p95-" + viewers + "-viewers", percentile(pages, 95), "ms", 1500));
        }
        return figures;
    }

    private void took(Report report, Visual visual, Duration time) {
        queries.computeIfAbsent(report.path() + "/" + visual.id(), unused -> new ConcurrentLinkedQueue<>())
                .add(time.toNanos() / 1e6);
    }

    /** A page that nobody has asked for before, with everything that a browser then loads. */
    private double firstPage(String address) {
        long startedAt = System.nanoTime();
        Matcher needed = NEEDED.matcher(get(address));
        String host = address.replaceFirst("/[a-z]+$", "");
        while (needed.find()) {
            get(host + needed.group(1));
        }
        return (System.nanoTime() - startedAt) / 1e6;
    }

    /** Every report for all states and for each; returns the states. */
    private List<String> alone(Mart mart, Shutdown shutdown) {
        List<String> states =
                mart.figures(DrugReport.REPORT, Optional.empty(), Optional.empty()).choices().states().stream()
                        .map(Filter.State::code)
                        .toList();
        queries.clear();
        for (Report report : PartDReports.ALL) {
            for (int i = 0; i < states.size() && !shutdown.requested(); i++) {
                mart.figures(report, Optional.empty(), Optional.empty());
                mart.figures(report, Optional.empty(), Optional.of(states.get(i)));
            }
        }
        return states;
    }

    private void together(String address, List<String> states, Shutdown shutdown) throws SQLException {
        ExecutorService crowd = Executors.newFixedThreadPool(viewers);
        long end = System.nanoTime() + length.toNanos();
        List<Future<?>> looking = new ArrayList<>();
        for (int viewer = 0; viewer < viewers; viewer++) {
            Random random = new Random(viewer);
            looking.add(crowd.submit(() -> {
                while (System.nanoTime() < end && !shutdown.requested()) {
                    look(address, states, random);
                }
            }));
        }
        try (Connection ledger = pipeline.target().open();
                Statement statement = ledger.createStatement()) {
            while (System.nanoTime() < end && !shutdown.requested()) {
                shutdown.await(BETWEEN_PUBLICATIONS);
                statement.execute("UPDATE headwater_publication SET lsn = lsn + 1, committed_at = UTC_TIMESTAMP(6)");
            }
            for (Future<?> viewer : looking) {
                viewer.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new Failure(Remedy.BUG, "A viewer of the benchmark failed: " + Failure.reason(e), e);
        } finally {
            crowd.shutdownNow();
        }
    }

    private void look(String address, List<String> states, Random random) {
        String report =
                PartDReports.ALL.get(random.nextInt(PartDReports.ALL.size())).path();
        // every other look is at all states, as the first page of every visit is
        String state = random.nextBoolean() ? "" : "?state=" + states.get(random.nextInt(states.size()));
        long startedAt = System.nanoTime();
        get(address + "/" + report + state);
        pages.add((System.nanoTime() - startedAt) / 1e6);
    }

    private String get(String address) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new Failure(Remedy.BUG, address + " answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new Failure(Remedy.BUG, "No answer from " + address + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Remedy.OPERATOR, "Interrupted", e);
        }
    }

    private void print(String title) {
        out.println(title);
        queries.forEach((visual, times) -> out.printf(
                Locale.ROOT,
                "  %-40s %6d queries  p50 %8.1f ms  p95 %8.1f ms  max %8.1f ms%n",
                visual,
                times.size(),
                percentile(times, 50),
                percentile(times, 95),
                percentile(times, 100)));
        out.flush();
    }

    /** The greatest p95 of all visuals. */
    private double slowest() {
        return queries.values().stream()
                .mapToDouble(times -> percentile(times, 95))
                .max()
                .orElseThrow();
    }

    private static double percentile(Collection<Double> times, int percent) {
        double[] sorted =
                times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }
}
