package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pipeline.PipelineFile;
import headwater.publish.report.PowerBiModel.Field;
import headwater.publish.report.PowerBiModel.Table;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The semantic model agrees with itself and with the views of the shipped pipeline; it is never opened here. */
class PowerBiModelTest {
    private static final Pattern ALIAS = Pattern.compile("AS `([^`]+)`");
    private static final Pattern M_MONEY = Pattern.compile("\\{\"([^\"]+)\", Currency\\.Type}");
    private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
    private static final Pattern DAX_COLUMN = Pattern.compile("'([^']+)'\\[([^\\]]+)\\]");
    private static final Pattern DAX_TABLE = Pattern.compile("'([^']+)'");
    private static final Pattern DAX_MEASURE = Pattern.compile("\\[([^\\]]+)\\]");
    private static final Pattern DAX_FUNCTION = Pattern.compile("([A-Za-z.]+)\\(");
    private static final Set<String> FUNCTIONS =
            Set.of("SUM", "MAX", "COUNTROWS", "DISTINCTCOUNT", "SUMMARIZE", "IF", "ISBLANK", "SELECTEDVALUE", "FORMAT");
    private static final Set<String> TYPES = Set.of("int64", "string", "decimal", "dateTime");

    private static final Map<String, String> VIEWS = PipelineFile.read(
                    PipelineFile.SHIPPED, PowerBiModelTest::environment)
            .views();

    private final PowerBiModel model = PowerBiModel.read();

    @Test
    void everyViewIsATableAndItsColumnsAreTheTablesColumns() {
        assertThat(model.tables().values()).extracting(Table::view).containsExactlyInAnyOrderElementsOf(VIEWS.keySet());
        for (Table table : model.tables().values()) {
            List<String> shown = matches(ALIAS, VIEWS.get(table.view()))
                    .map(alias -> alias.group(1))
                    .toList();
            assertThat(table.columns().values())
                    .as(table.name())
                    .extracting(PowerBiModel.Column::name)
                    .containsExactlyElementsOf(shown);
            assertThat(table.columns().keySet()).containsExactlyElementsOf(shown);
        }
    }

    @Test
    void aColumnHasATypeAndIsSortedByOneOfItsTable() {
        for (Table table : model.tables().values()) {
            table.columns().forEach((name, column) -> {
                assertThat(TYPES).as(name).contains(column.type());
                assertThat(column.properties()).as(name).containsEntry("summarizeBy", "none");
                String sortedBy = column.properties().get("sortByColumn");
                assertThat(sortedBy == null || table.columns().containsKey(sortedBy))
                        .as(name)
                        .isTrue();
            });
        }
    }

    @Test
    void aRelationshipJoinsColumnsOfOneType() {
        assertThat(model.relationships()).hasSize(4);
        model.relationships().forEach(relationship -> {
            assertThat(model.hasColumn(relationship.from()))
                    .as("%s", relationship)
                    .isTrue();
            assertThat(model.hasColumn(relationship.to()))
                    .as("%s", relationship)
                    .isTrue();
            assertThat(type(relationship.from())).isEqualTo(type(relationship.to()));
        });
    }

    @Test
    void aMeasureReadsWhatTheModelHas() {
        Set<String> names = new HashSet<>();
        for (Table table : model.tables().values()) {
            table.measures().forEach((name, dax) -> {
                assertThat(names.add(name))
                        .as("%s is the only measure of its name", name)
                        .isTrue();
                assertThat(table.columns()).doesNotContainKey(name);
                checkDax(name, dax);
            });
        }
        assertThat(names).hasSize(8);
    }

    @Test
    void aQueryReadsItsViewByTheParametersAndGivesCostsAsMoney() {
        assertThat(model.objects("expression")).extracting(Tmdl.Node::name).containsExactly("Server", "Database");
        for (Table table : model.tables().values()) {
            assertBalanced(table.query());
            assertThat(table.query()).contains("MySQL.Database(Server, Database, [");
            List<String> money =
                    matches(M_MONEY, table.query()).map(typed -> typed.group(1)).toList();
            assertThat(money)
                    .as(table.name())
                    .containsExactlyElementsOf(table.columns().values().stream()
                            .filter(column -> column.type().equals("decimal"))
                            .map(PowerBiModel.Column::name)
                            .toList());
        }
    }

    @Test
    void theModelNamesItsTables() {
        assertThat(model.objects("ref table"))
                .extracting(Tmdl.Node::name)
                .containsExactlyInAnyOrderElementsOf(model.tables().keySet());
        assertThat(model.objects("table"))
                .allSatisfy(table -> assertThat(table.description()).isNotEmpty())
                .flatExtracting(table -> table.children("measure"))
                .allSatisfy(measure -> assertThat(measure.description()).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "table A\n\tcolumn B\n\t\tdatatype: string\n",
                "table A\n\t\tcolumn B\n",
                "table A\n    column B\n",
                "table 'A\n",
                "table A\n\tmeasure B =\n\t\tSUM(1)\n",
                "table A\n\tcolumn B\n\t\tisHidden\n\t\tisHidden\n",
                "tabel A\n"
            })
    void aFaultOfTmdlIsFound(String text) {
        assertThatThrownBy(() -> Tmdl.parse("A.tmdl", text)).hasMessageMatching("(?s)A\\.tmdl line [1-4]: .*");
    }

    private void checkDax(String name, String dax) {
        String code = TEXT.matcher(dax).replaceAll("\"\"");
        assertBalanced(code);
        assertThat(dax.chars().filter(c -> c == '"').count() % 2).as(name).isZero();
        assertThat(matches(DAX_COLUMN, code).map(found -> new Field(found.group(1), found.group(2))))
                .as(name)
                .isNotEmpty()
                .allMatch(model::hasColumn);
        String rest = DAX_COLUMN.matcher(code).replaceAll("");
        assertThat(matches(DAX_TABLE, rest).map(found -> found.group(1)))
                .as(name)
                .allMatch(model.tables()::containsKey);
        assertThat(matches(DAX_MEASURE, rest)).as(name).isEmpty();
        assertThat(matches(DAX_FUNCTION, code).map(found -> found.group(1)))
                .as(name)
                .isSubsetOf(FUNCTIONS);
    }

    private static Stream<MatchResult> matches(Pattern pattern, String code) {
        return pattern.matcher(code).results();
    }

    private static void assertBalanced(String code) {
        String brackets = code.replaceAll("[^()\\[\\]{}]", "");
        while (!brackets.equals(brackets.replaceAll("\\(\\)|\\[]|\\{}", ""))) {
            brackets = brackets.replaceAll("\\(\\)|\\[]|\\{}", "");
        }
        assertThat(brackets).as("brackets without a partner in %s", code).isEmpty();
    }

    private String type(Field field) {
        return model.tables().get(field.table()).columns().get(field.column()).type();
    }

    /** Whatever the shipped pipeline asks for; nothing is connected to. */
    static String environment(String name) {
        return Map.of(
                        "HEADWATER_SOURCE_URL", "jdbc:postgresql://localhost/partd",
                        "HEADWATER_LAKE", "file:/tmp/lake",
                        "HEADWATER_TARGET_URL", "jdbc:mysql://localhost/report",
                        "HEADWATER_SOURCE_PASSWORD", "x",
                        "HEADWATER_TARGET_PASSWORD", "x")
                .get(name);
    }
}
