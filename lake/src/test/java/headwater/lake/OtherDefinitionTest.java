package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pass.LakeTables;
import headwater.lake.pass.MergePass;
import headwater.lake.pass.TableSessions;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import io.delta.tables.DeltaTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Encoders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pass under a pipeline file that says something else than the one that the lake was made by. */
class OtherDefinitionTest {
    @TempDir
    private Path folder;

    private Shop shop;
    private RawHistory raw;

    @BeforeEach
    void aLoadedLake() {
        shop = Shop.loadedIn(folder);
        raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
    }

    @Test
    void allRowsGoByMergeWhereThePipelineFileSaysSo() {
        Pipeline byMerge = Shop.with(folder, "constants:", "merge: {form: merge}\nconstants:");
        raw.begin().update(Shop.SALE, key("3"), sale("3", "1.00", "mended"));
        raw.commit();

        try (MergePass pass = new MergePass(shop.spark, byMerge)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
        }

        assertThat(isByMerge(shop.pipeline.layout().cleansed("sale"))).isTrue();
        assertThat(shop.cleansed("sale")).contains(Arrays.asList("3", "N", "pen", "1.00", "mended"));
        for (CuratedSpec spec : shop.pipeline.curated()) {
            assertThat(isByMerge(shop.pipeline.layout().curated(spec.name())))
                    .as(spec.name())
                    .isTrue();
        }
        shop.assertCuratedIsTrue("by MERGE");

        // of by_region this touches nothing
        raw.begin().update(Shop.SALE, key("3"), sale("3", "2.00", "mended"));
        raw.commit();
        try (MergePass pass = new MergePass(shop.spark, byMerge)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
        }
        shop.assertCuratedIsTrue("by MERGE");

        raw.begin().update(Shop.SALE, key("3"), sale("3", "3.00", "edited"));
        raw.commit();
        shop.pass();
        assertThat(isByMerge(shop.pipeline.layout().cleansed("sale"))).isFalse();
    }

    /** Whether the newest commit of a table is of Delta's MERGE, which notes the condition that rows are matched by. */
    private boolean isByMerge(String path) {
        return DeltaTable.forPath(shop.spark, path)
                .history(1)
                .selectExpr("coalesce(operationParameters['predicate'], '[]') <> '[]'")
                .as(Encoders.BOOLEAN())
                .first();
    }

    @Test
    void aCuratedTableWithOtherColumnsThanThePipelineFileIsLeftAlone() {
        String path = shop.pipeline.layout().curated("by_region");
        shop.spark.sql("ALTER TABLE delta.`" + path + "` ADD COLUMNS (more string)");
        List<List<String>> before = shop.curated("by_region");
        raw.begin().insert(Shop.SALE, key("4"), sale("4", "1.00", "new"));
        raw.commit();

        assertThatThrownBy(shop::pass)
                .isInstanceOf(Failure.class)
                .hasMessageContaining(
                        "Cannot refresh curated/by_region: it has the columns [region string, products bigint,"
                                + " note string, more string] where the pipeline file now makes [region string, products bigint,"
                                + " note string]. ");
        assertThat(shop.curated("by_region")).isEqualTo(before);
    }

    @Test
    void aColumnThatCannotBeComparedIsRefusedBeforeTheTableIsMade() {
        Pipeline maps = Shop.with(folder, "note: note}", "note: note, tags: \"map('a', note)\"}");
        try (TableSessions sessions = new TableSessions(shop.spark)) {
            LakeTables tables = LakeTables.of(maps, sessions, 1);

            assertThatThrownBy(() ->
                            tables.cleansed("sale").build(tables.load("sale").at(Shop.LOADED_AT), Shop.LOADED_AT))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("tables.sale.columns.tags makes a map");
        }
    }

    @Test
    void columnsInAnotherOrderThanTheTableHasThemKeepTheirValues() {
        Pipeline file = shop.pipeline;
        Pipeline reordered = new Pipeline(
                file.name(),
                file.source(),
                file.lake(),
                file.target(),
                file.report(),
                file.capture(),
                file.merge(),
                file.tables().stream().map(OtherDefinitionTest::reversed).toList(),
                file.constants(),
                file.curated(),
                file.views());
        raw.begin().update(Shop.SALE, key("1"), sale("1", "5.00", "changed"));
        raw.delete(Shop.SALE, key("2")).insert(Shop.SALE, key("4"), sale("4", "1.00", "new"));
        raw.commit();

        try (MergePass pass = new MergePass(shop.spark, reordered)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
        }

        assertThat(shop.cleansed("sale"))
                .containsExactlyInAnyOrder(
                        Arrays.asList("1", "N", "pen", "5.00", "changed"),
                        Arrays.asList("4", "N", "pen", "1.00", "new"));
        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "new"));
    }

    private static TableSpec reversed(TableSpec table) {
        List<String> names = new ArrayList<>(table.columns().keySet());
        Collections.reverse(names);
        Map<String, String> columns = new LinkedHashMap<>();
        names.forEach(name -> columns.put(name, table.columns().get(name)));
        return new TableSpec(
                table.name(),
                table.source(),
                table.key(),
                table.normalizeText(),
                columns,
                table.rules(),
                table.asText(),
                table.exclude(),
                table.masks());
    }

    @Test
    void aCleansedTableNeverMixesTwoDefinitions() {
        raw.begin().update(Shop.SALE, key("1"), sale("1", "7.00", "new"));
        raw.commit();
        Pipeline other = Shop.with(folder, "coalesce(region, 'XX')", "coalesce(region,  'YY')");
        Pipeline same = Shop.with(folder, "coalesce(region, 'XX')", "coalesce(region,\n  'XX')");

        try (MergePass pass = new MergePass(shop.spark, other)) {
            pass.run();
            assertThat(pass.parked().orElseThrow())
                    .hasMessageContaining("tables.sale of the pipeline file is not what the table was made by")
                    .hasMessageContaining("backfill --table sale");
        }
        assertThat(shop.cleansed("sale")).contains(Arrays.asList("1", "N", "pen", "5.00", "large"));

        try (MergePass pass = new MergePass(shop.spark, same)) {
            pass.run();
            assertThat(pass.parked()).isEmpty();
        }
        assertThat(shop.cleansed("sale")).contains(Arrays.asList("1", "N", "pen", "7.00", "new"));
    }

    @Test
    void aCuratedTableFollowsOneThatIsMadeAnew() {
        raw.begin().message();
        raw.commit();
        Pipeline other = Shop.with(folder, "max_by(note, id) AS note", "min_by(note, id) AS note");

        try (MergePass pass = new MergePass(shop.spark, other)) {
            pass.run();
        }

        assertThat(shop.curated("region_kind")).containsExactly(Arrays.asList("N", "tool", "2", "large"));
    }

    @Test
    void aCuratedTableThatIsDefinedOtherwiseIsMadeAnewWhole() {
        raw.begin().insert(Shop.PRODUCT, key("9"), columns("id", "9", "name", "new", "kind", "b"));
        raw.commit();
        shop.pass();
        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "other"));
        raw.begin().message();
        raw.commit();
        Pipeline other = Shop.with(folder, "max_by(note, id) AS note", "min_by(note, id) AS note");

        try (MergePass pass = new MergePass(shop.spark, other)) {
            pass.run();
        }

        assertThat(shop.curated("by_region")).containsExactly(Arrays.asList("N", "1", "large"));
    }

    private static Map<String, String> key(String id) {
        return columns("id", id);
    }
}
