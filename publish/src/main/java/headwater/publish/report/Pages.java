package headwater.publish.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.pebbletemplates.pebble.PebbleEngine;
import io.pebbletemplates.pebble.loader.ClasspathLoader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes HTML of what is shown; every value is escaped by the template engine. */
final class Pages {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PebbleEngine engine;
    private final String pipeline;
    private final List<Report> reports;
    private final Duration staleAfter;

    /** @param reports those that the pipeline can show, for the navigation */
    Pages(String pipeline, List<Report> reports, Duration staleAfter) {
        ClasspathLoader templates = new ClasspathLoader(Pages.class.getClassLoader());
        templates.setPrefix("headwater/publish/report/templates");
        templates.setSuffix(".peb");
        this.engine = new PebbleEngine.Builder()
                .loader(templates)
                .strictVariables(true)
                .build();
        this.pipeline = pipeline;
        this.reports = reports;
        this.staleAfter = staleAfter;
    }

    String report(Figures figures) {
        Report report = figures.report();
        Map<String, Object> model = filtered(report.path(), report.title(), figures.filter(), figures.choices());
        model.put("freshness", freshness(figures.publication()));
        model.put("grid", views(report.grid(), figures));
        model.put("side", views(report.side(), figures));
        model.put(
                "rowsAddress", "/" + report.path() + "/rows?" + figures.filter().address());
        model.put("data", data(figures));
        return render("report", model);
    }

    String rows(RowPage page) {
        Report report = page.report();
        Map<String, Object> model = filtered(report.path(), report.title() + ": rows", page.filter(), page.choices());
        model.put("freshness", freshness(page.publication()));
        model.put("reportTitle", report.title());
        model.put("columns", report.rows().columns());
        model.put("sort", page.sort().name());
        model.put("page", page.number());
        model.put("first", (page.number() - 1) * RowPage.SIZE + 1);
        model.put("hasNext", page.hasNext());
        model.put(
                "rows",
                page.rows().stream()
                        .map(row -> cells(report.rows().columns(), row))
                        .toList());
        return render("rows", model);
    }

    String pipeline(Health health) {
        Map<String, Object> model = model("pipeline", "Pipeline");
        model.put("health", health);
        return render("pipeline", model);
    }

    String problem(Problem problem) {
        Map<String, Object> model = model("", problem.title());
        model.put("problem", problem.getMessage());
        model.put("advice", problem.advice());
        model.put("passes", problem.passes());
        return render("problem", model);
    }

    private Freshness freshness(Published publication) {
        return Freshness.of(publication, staleAfter, Instant.now());
    }

    private Map<String, Object> filtered(String path, String title, Filter filter, Choices choices) {
        Map<String, Object> model = model(path, title);
        model.put("years", choices.years());
        model.put("states", choices.states());
        model.put("year", filter.year());
        model.put("state", filter.state().map(Filter.State::code).orElse(""));
        model.put("filterWords", filter.words());
        model.put("address", filter.address());
        return model;
    }

    private Map<String, Object> model(String path, String title) {
        Map<String, Object> model = new HashMap<>();
        model.put("path", path);
        model.put("title", title);
        model.put("pipeline", pipeline);
        model.put("reports", reports);
        return model;
    }

    private static List<VisualView> views(List<Visual> visuals, Figures figures) {
        return visuals.stream()
                .map(visual -> VisualView.of(
                        visual,
                        figures.of(visual),
                        figures.filter(),
                        figures.report().path()))
                .toList();
    }

    private static List<String> cells(List<RowTable.Column> columns, List<Object> row) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            Object value = row.get(i);
            Optional<Unit> unit = columns.get(i).unit();
            cells.add(value == null ? "" : unit.isPresent() ? unit.get().exact((BigDecimal) value) : value.toString());
        }
        return cells;
    }

    /** What the charts are drawn from, as JSON that may stand within a script element. */
    private static String data(Figures figures) {
        List<Map<String, Object>> visuals = new ArrayList<>();
        for (Visual visual : figures.report().visuals()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", visual.id());
            one.put("kind", visual.kind().code());
            one.put("unit", visual.unit().name().toLowerCase(java.util.Locale.ROOT));
            one.put("columns", visual.columns());
            one.put("rows", figures.of(visual));
            visuals.add(one);
        }
        try {
            return JSON.writeValueAsString(visuals).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new Failure(Remedy.BUG, "Cannot write the figures as JSON: " + e.getMessage(), e);
        }
    }

    private String render(String template, Map<String, Object> model) {
        try {
            StringWriter page = new StringWriter();
            engine.getTemplate(template).evaluate(page, model);
            return page.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
