package headwater.lake.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineFileTest {
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "HEADWATER_SOURCE_URL", "jdbc:postgresql://localhost:5432/partd",
            "HEADWATER_SOURCE_PASSWORD", "s3cret-source",
            "HEADWATER_LAKE", "s3a://lake/partd",
            "HEADWATER_TARGET_URL", "jdbc:mysql://localhost:3306/report",
            "HEADWATER_TARGET_PASSWORD", "s3cret-target");

    private static final String SMALL = """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
            lake: {root: "file:/tmp/lake"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              orders:
                source: public.orders
                key: [id]
                columns: {id: id, total: total}
            """;

    @Test
    void theShippedPipelineIsValid() {
        Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, ENVIRONMENT::get);

        assertThat(pipeline.tables())
                .extracting(TableSpec::name)
                .containsExactly("prescriber_drug", "prescriber", "drug", "state");
        assertThat(pipeline.published())
                .extracting(CuratedSpec::name)
                .containsExactly(
                        "drug_report",
                        "drug_summary",
                        "prescriber_report",
                        "multi_state_prescriber",
                        "prescriber_summary",
                        "state_summary");
        assertThat(pipeline.curated()).hasSize(7);
        assertThat(pipeline.tables().get(1).columns().get("presc_state_code"))
                .contains("'CA'")
                .contains("ELSE 'XX'");
    }

    @Test
    void aSecretIsNeverPrinted() {
        Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, ENVIRONMENT::get);

        assertThat(pipeline.toString()).doesNotContain("s3cret").contains("(secret)");
        assertThat(pipeline.source().password().value()).isEqualTo("s3cret-source");
    }

    @Test
    void reportsReadAsTheirOwnUserWhereOneIsNamed() {
        Map<String, String> named = new HashMap<>(ENVIRONMENT);
        named.put("HEADWATER_REPORT_USER", "reader");
        named.put("HEADWATER_REPORT_PASSWORD", "s3cret-report");

        assertThat(PipelineFile.read(PipelineFile.SHIPPED, ENVIRONMENT::get)
                        .reader()
                        .user())
                .isEqualTo("headwater");
        TargetSettings reader =
                PipelineFile.read(PipelineFile.SHIPPED, named::get).reader();
        assertThat(reader.user()).isEqualTo("reader");
        assertThat(reader.password().value()).isEqualTo("s3cret-report");
        assertThat(reader.url()).isEqualTo("jdbc:mysql://localhost:3306/report");
    }

    @Test
    void anIndexOfAnUnknownColumnIsNamed() {
        String faulty = SMALL + """
            curated:
              sums:
                key: [id]
                sql: SELECT id, total FROM orders
                affectedBy: {orders: SELECT id FROM changes}
                columns: {id: bigint, total: bigint}
                indexes: {by_total: "totl DESC, id"}
            """;

        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", faulty, name -> "x"))
                .hasMessageContaining("curated.sums.indexes.by_total must list columns of the table")
                .hasMessageContaining("has \"totl DESC\" (did you mean total?)");
    }

    @Test
    void aViewNeedsANameThatNoTableHas() {
        String faulty = SMALL + """
            curated:
              sums: {key: [id], sql: SELECT id FROM orders, affectedBy: {}, columns: {id: bigint}}
            views:
              all sums: SELECT * FROM sums
              Sums: SELECT 1
              headwater_table: SELECT 1
              two  blanks: SELECT 1
            """;

        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", faulty, name -> "x"))
                .hasMessageContaining("3 settings are invalid")
                .hasMessageContaining("views.Sums has the name of a table; give the view another one")
                .hasMessageContaining("views.headwater_table has the name of a table")
                .hasMessageContaining("views.two  blanks must be named in letters, digits, _ and single blanks");
    }

    @Test
    void hostsAreTakenAsTheyAreAndSeveralAreRefused() {
        String urls = SMALL.replaceFirst("jdbc:postgresql://[^\"]+", "jdbc:postgresql://my_db-1:6543/Shop%20Data")
                .replaceFirst("jdbc:mysql://[^\"]+", "jdbc:mysql://my_mart/report");

        Pipeline pipeline = PipelineFile.parse("shop.yaml", urls, name -> "x");

        assertThat(pipeline.source().host()).isEqualTo("my_db-1");
        assertThat(pipeline.source().port()).isEqualTo(6543);
        assertThat(pipeline.source().database()).isEqualTo("Shop Data");
        assertThat(pipeline.target().host()).isEqualTo("my_mart");
        assertThat(pipeline.target().database()).isEqualTo("report");
        assertThatThrownBy(() ->
                        PipelineFile.parse("shop.yaml", urls.replace("my_db-1:6543", "one:5432,two:5432"), name -> "x"))
                .hasMessageContaining("source.url must be jdbc:postgresql://HOST:PORT/DATABASE of one host");
    }

    @Test
    void everyFaultIsNamedWithItsLineAtOnce() {
        String faulty = SMALL.replace("user: me, password: \"${PW}\"}\nlake", "usr: me, password: plain}\nlake")
                .replace("key: [id]", "key: [nr]");

        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", faulty, name -> "x"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("Cannot use the pipeline file shop.yaml, 4 settings are invalid:")
                .hasMessageContaining("line 2: source.usr is not a setting (did you mean user?)")
                .hasMessageContaining("source.user is not set")
                .hasMessageContaining("line 2: source.password must be ${NAME} of an environment variable or file:PATH")
                .hasMessageContaining("line 8: tables.orders.key names nr, which is not among its columns");
    }

    @Test
    void namesThatWouldBeTakenForSomethingElseAreFaults() {
        String faulty = SMALL + """
              changes:
                source: public.a
                key: [id, rule]
                columns: {id: trim(id), rule: rule, Total: total, total: total}
                rules: {deleted: NOT is_deleted, truncated: total > 0}
            """;

        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", faulty, name -> "x"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("tables.changes has the name by which affectedBy reads changes")
                .hasMessageContaining("tables.changes.columns.id must be the source's column id itself")
                .hasMessageContaining(
                        "tables.changes.key names rule, which is a column of every table of rejected rows")
                .hasMessageContaining("tables.changes.columns.total and Total differ only by case")
                .hasMessageContaining("tables.changes.rules.deleted has the name that a row gets")
                .hasMessageContaining("tables.changes.rules.truncated has the name that a row gets");
    }

    @Test
    void curatedTablesThatReadOthersStandInLayers() {
        Pipeline layered = PipelineFile.parse("shop.yaml", SMALL + """
            curated:
              top: {key: [id], sql: SELECT id FROM left JOIN right USING (id), affectedBy: {left: SELECT id FROM changes, right: SELECT id FROM changes}, columns: {id: bigint}}
              left: {key: [id], sql: SELECT id FROM bottom, affectedBy: {bottom: SELECT id FROM changes}, columns: {id: bigint}}
              right: {key: [id], sql: SELECT id FROM orders, affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint}}
              bottom: {key: [id], sql: SELECT id FROM orders, affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint}}
            """, name -> "x");

        assertThat(layered.layers().stream()
                        .map(layer -> layer.stream().map(CuratedSpec::name).toList()))
                .containsExactly(List.of("right", "bottom"), List.of("left"), List.of("top"));
    }

    @Test
    void aCuratedTableCanOnlyReadWhatIsComputedBeforeIt() {
        String faulty = SMALL + """
            constants:
              orders: SELECT 1 AS id
              changes: SELECT 1 AS id
            curated:
              egg: {key: [id], sql: SELECT id FROM hen, affectedBy: {hen: SELECT id FROM changes}, columns: {id: bigint}}
              hen: {key: [id], sql: SELECT id FROM egg, affectedBy: {egg: SELECT id FROM changes}, columns: {id: bigint}}
              off: {key: [id], sql: SELECT id FROM orders, affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint}, publish: "false"}
              over: {key: [id], sql: SELECT id FROM off, affectedBy: {off: SELECT id FROM changes}, columns: {id: bigint}}
              blind: {key: [id], sql: "SELECT id FROM orders JOIN `over` USING (id)", affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint}}
              lost: {key: [id], sql: SELECT id FROM orders, affectedBy: {ovr: SELECT id FROM changes}, columns: {id: bigint}}
              changes: {key: [id], sql: SELECT id FROM orders, affectedBy: {orders: SELECT id FROM changes}, columns: {id: bigint}}
            """;

        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", faulty, name -> "x"))
                .hasMessageContaining("7 settings are invalid")
                .hasMessageContaining(
                        "the affectedBy of curated.egg, curated.hen goes in a circle, and none can be computed")
                .hasMessageContaining(
                        "curated.over.affectedBy names off, which is not computed: its publish is false. Publish it")
                .hasMessageContaining(
                        "curated.blind.sql reads over, another curated table, which its affectedBy must name")
                .hasMessageContaining(
                        "curated.lost.affectedBy names ovr, which is neither among tables nor among curated (did you mean over?)")
                .hasMessageContaining("curated.changes has the name by which affectedBy reads changes")
                .hasMessageContaining("constants.orders has the name of a table")
                .hasMessageContaining("constants.changes has the name of the changes that affectedBy reads");
    }

    @Test
    void anUnsetVariableIsNamed() {
        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", SMALL, name -> null))
                .hasMessageContaining("line 2: source.password needs the environment variable PW, which is not set");
    }

    @Test
    void aMissingFileNamesWhatShips() {
        assertThatThrownBy(() -> PipelineFile.read("nowhere.yaml"))
                .hasMessageContaining("There is no pipeline file")
                .hasMessageContaining("medicare-part-d");
    }
}
