package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import headwater.publish.report.PowerBiModel.Field;
import headwater.publish.report.partd.PartDReports;
import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The Power BI reports keep Microsoft's published schemas, show what the pages in the browser show, and read only what the
 * model has; they are never opened here.
 */
class PowerBiReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path REPORT = PowerBiModel.PROJECT.resolve("Headwater.Report/definition");
    private static final Set<String> FRAME = Set.of("title", "year", "state", "freshness");
    private static final Map<Visual.Kind, String> KINDS = Map.of(
            Visual.Kind.COLUMN, "clusteredColumnChart",
            Visual.Kind.BAR, "clusteredBarChart",
            Visual.Kind.PIE, "pieChart",
            Visual.Kind.TREEMAP, "treemap",
            Visual.Kind.CARD, "card");
    private static final Map<String, Set<String>> ROLES = Map.of(
            "clusteredColumnChart", Set.of("Category", "Y"),
            "clusteredBarChart", Set.of("Category", "Y"),
            "pieChart", Set.of("Category", "Y"),
            "treemap", Set.of("Group", "Values"),
            "card", Set.of("Values"),
            "slicer", Set.of("Values"));

    private final PowerBiModel model = PowerBiModel.read();

    @Test
    void everyFileKeepsItsPublishedSchema() throws IOException {
        List<Path> files = files(".*\\.(json|pbir|pbism|pbip)");
        assertThat(files).hasSizeGreaterThan(30);
        for (Path file : files) {
            JsonNode json = JSON.readTree(file.toFile());
            // a theme has a schema only in the form of its documentation
            if (!file.toString().contains("RegisteredResources")) {
                assertThat(faults(json)).as(file.toString()).isEmpty();
            }
        }
    }

    @Test
    void theSchemasFindFaults() throws IOException {
        Path file = visual("drugs", "top-drugs-by-cost");
        String text = Files.readString(file);
        for (String wrong : List.of(
                text.replace("\"queryState\"", "\"queryStates\""),
                text.replace("\"direction\": \"Descending\"", "\"direction\": \"Down\""),
                text.replaceFirst("\"height\": \\d+,", ""),
                text.replace("\"filters\"", "\"filter\""))) {
            assertThat(wrong).isNotEqualTo(text);
            assertThat(faults(JSON.readTree(wrong))).isNotEmpty();
        }
    }

    @Test
    void bothReportsHaveThePagesVisualsWithTheirTitlesAndKinds() throws IOException {
        assertThat(JSON.readTree(REPORT.resolve("pages/pages.json").toFile()).findValuesAsText("activePageName"))
                .containsExactly(PartDReports.ALL.get(0).path());
        for (Report report : PartDReports.ALL) {
            JsonNode page = JSON.readTree(
                    REPORT.resolve("pages/" + report.path() + "/page.json").toFile());
            assertThat(page.path("displayName").asText()).isEqualTo(report.title());
            Set<String> shown = new java.util.HashSet<>(FRAME);
            for (Visual visual : report.visuals()) {
                shown.add(visual.id());
                JsonNode json = JSON.readTree(visual(report.path(), visual.id()).toFile());
                assertThat(json.at("/visual/visualType").asText()).isEqualTo(KINDS.get(visual.kind()));
                assertThat(json.at("/visual/visualContainerObjects/title/0/properties/text/expr/Literal/Value")
                                .asText())
                        .isEqualTo("'" + visual.title() + "'");
                Matcher top = Pattern.compile("Top (\\d+) .*").matcher(visual.title());
                assertThat(json.findValuesAsText("Top"))
                        .as(visual.title())
                        .isEqualTo(top.matches() ? List.of(top.group(1)) : List.of());
            }
            assertThat(names(report.path())).containsExactlyInAnyOrderElementsOf(shown);
        }
    }

    @Test
    void everyFieldIsInTheModel() throws IOException {
        for (Path file : files(".*visual\\.json")) {
            JsonNode visual = JSON.readTree(file.toFile());
            checkFields(visual, new HashMap<>(), file);
            JsonNode roles = visual.at("/visual/query/queryState");
            if (!roles.isMissingNode()) {
                assertThat(roles.fieldNames())
                        .toIterable()
                        .as(file.toString())
                        .containsExactlyInAnyOrderElementsOf(
                                ROLES.get(visual.at("/visual/visualType").asText()));
            }
            for (JsonNode projection : visual.findValues("projections")) {
                JsonNode field = projection.get(0).get("field").elements().next();
                assertThat(projection.get(0).get("queryRef").asText())
                        .isEqualTo(field.at("/Expression/SourceRef/Entity").asText() + "."
                                + field.get("Property").asText());
            }
        }
    }

    @Test
    void aFieldThatTheModelLacksIsFound() throws IOException {
        Path file = visual("drugs", "top-drugs-by-cost");
        JsonNode wrong = JSON.readTree(Files.readString(file).replaceFirst("\"Drug\"", "\"Drugs\""));

        assertThatThrownBy(() -> checkFields(wrong, new HashMap<>(), file)).hasMessageContaining("column=Drugs");
    }

    @Test
    void visualsLieOnThePageAndNotOnEachOther() throws IOException {
        for (Report report : PartDReports.ALL) {
            JsonNode page = JSON.readTree(
                    REPORT.resolve("pages/" + report.path() + "/page.json").toFile());
            Rectangle2D canvas = new Rectangle2D.Double(
                    0, 0, page.get("width").asDouble(), page.get("height").asDouble());
            List<Rectangle2D> placed = new ArrayList<>();
            for (String name : names(report.path())) {
                JsonNode visual = JSON.readTree(visual(report.path(), name).toFile());
                assertThat(visual.get("name").asText()).isEqualTo(name);
                Rectangle2D place = place(visual.get("position"));
                assertThat(canvas.contains(place)).as(name).isTrue();
                assertThat(placed).as(name).noneMatch(place::intersects);
                placed.add(place);
            }
        }
    }

    @Test
    void theNewestYearIsTheDefaultAndOneYearIsShownAtATime() throws IOException {
        for (Report report : PartDReports.ALL) {
            JsonNode year = JSON.readTree(visual(report.path(), "year").toFile());
            assertThat(year.at("/visual/objects/general/0/properties/filter").findValuesAsText("Value"))
                    .containsExactly("'Newest'");
            assertThat(year.at("/visual/objects/selection/0/properties/strictSingleSelect/expr/Literal/Value")
                            .asText())
                    .isEqualTo("true");
        }
    }

    /** @param sources what the aliases of the enclosing queries stand for */
    private void checkFields(JsonNode node, Map<String, String> sources, Path file) {
        Map<String, String> known = new HashMap<>(sources);
        for (JsonNode source : node.path("From")) {
            known.put(
                    source.path("Name").asText(), source.path("Entity").asText("a subquery of " + file.getFileName()));
        }
        node.properties().forEach(property -> {
            JsonNode value = property.getValue();
            if (property.getKey().equals("Column")) {
                assertThat(field(value, known))
                        .as("a column in %s", file)
                        .matches(model::hasColumn, "is a column of the model");
            } else if (property.getKey().equals("Measure")) {
                assertThat(field(value, known))
                        .as("a measure in %s", file)
                        .matches(model::hasMeasure, "is a measure of the model");
            }
            checkFields(value, known, file);
        });
        if (node.isArray()) {
            node.forEach(element -> checkFields(element, known, file));
        }
    }

    private static Field field(JsonNode reference, Map<String, String> sources) {
        JsonNode source = reference.at("/Expression/SourceRef");
        String table = source.has("Entity")
                ? source.get("Entity").asText()
                : sources.get(source.get("Source").asText());
        return new Field(table, reference.get("Property").asText());
    }

    private static List<Error> faults(JsonNode json) {
        SchemaRegistry published = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_7,
                registry -> registry.schemaIdResolvers(resolvers -> resolvers.mapPrefix(
                        "https://developer.microsoft.com/json-schemas", "classpath:microsoft-json-schemas")));
        Schema schema =
                published.getSchema(SchemaLocation.of(json.get("$schema").asText()));
        return schema.validate(json);
    }

    private static List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.walk(PowerBiModel.PROJECT)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .toList();
        }
    }

    private static List<String> names(String page) throws IOException {
        try (Stream<Path> visuals = Files.list(REPORT.resolve("pages/" + page + "/visuals"))) {
            return visuals.map(visual -> visual.getFileName().toString()).toList();
        }
    }

    private static Path visual(String page, String name) {
        return REPORT.resolve("pages/" + page + "/visuals/" + name + "/visual.json");
    }

    private static Rectangle2D place(JsonNode position) {
        return new Rectangle2D.Double(
                position.get("x").asDouble(),
                position.get("y").asDouble(),
                position.get("width").asDouble(),
                position.get("height").asDouble());
    }
}
