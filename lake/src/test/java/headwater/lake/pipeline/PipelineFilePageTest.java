package headwater.lake.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** Holds docs/pipeline-file.md to what the parser knows. */
class PipelineFilePageTest {
    private static final String LEAST = """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
            lake: {root: "file:/tmp/lake"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              orders: {source: public.orders, key: [id], columns: {id: id}}
            curated:
              report: {key: [id], sql: SELECT id FROM orders, affectedBy: {}, columns: {id: bigint}}
            """;

    /** A row of the page, its key as a path into the least file. */
    private record Key(String onPage, List<String> path, String byDefault) {}

    @Test
    void thePageNamesExactlyTheKeysOfTheParser() throws IOException {
        List<String> known = new ArrayList<>();
        PipelineKeys.BY_SECTION.forEach(
                (section, keys) -> keys.forEach(key -> known.add(section.isEmpty() ? key : section + "." + key)));

        assertThat(page()).extracting(Key::onPage).containsExactlyInAnyOrderElementsOf(known);
    }

    @Test
    void aRequiredKeyIsMissedAndNoOther() throws IOException {
        for (Key key : page()) {
            Map<String, Object> without = least();
            parent(without, key).remove(last(key));
            if (key.byDefault().equals("required")) {
                assertThatThrownBy(() -> parse(without))
                        .as(key.onPage())
                        .hasMessageContaining(String.join(".", key.path()) + " ")
                        .hasMessageFindingMatch("is not set|must be a list");
            } else {
                assertThatCode(() -> parse(without)).as(key.onPage()).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void aDefaultWrittenOutChangesNothing() throws IOException {
        List<Key> withDefault =
                page().stream().filter(key -> key.byDefault().startsWith("`")).toList();
        assertThat(withDefault).hasSizeGreaterThan(5);
        for (Key key : withDefault) {
            Map<String, Object> written = least();
            parent(written, key).put(last(key), key.byDefault().replace("`", ""));

            assertThat(parse(written)).as(key.onPage()).isEqualTo(parse(least()));
        }
    }

    private static List<Key> page() throws IOException {
        try (Stream<String> lines = Files.lines(Home.folder().resolve("docs/pipeline-file.md"))) {
            return lines.filter(line -> line.startsWith("| `"))
                    .map(line -> line.split(" *\\| *"))
                    .map(cells -> new Key(cells[1].replace("`", ""), path(cells[1]), cells[3]))
                    .toList();
        }
    }

    private static List<String> path(String cell) {
        String key =
                cell.replace("`", "").replace("tables.NAME", "tables.orders").replace("curated.NAME", "curated.report");
        return Arrays.asList(key.split("\\."));
    }

    private static String last(Key key) {
        return key.path().get(key.path().size() - 1);
    }

    private static Map<String, Object> least() {
        return new Yaml().load(LEAST);
    }

    private static Map<String, Object> parent(Map<String, Object> file, Key key) {
        Map<String, Object> at = file;
        for (String section : key.path().subList(0, key.path().size() - 1)) {
            @SuppressWarnings("unchecked")
            Map<String, Object> below =
                    (Map<String, Object>) at.computeIfAbsent(section, name -> new LinkedHashMap<String, Object>());
            at = below;
        }
        return at;
    }

    private static Pipeline parse(Map<String, Object> file) {
        return PipelineFile.parse("shop.yaml", new Yaml().dump(file), name -> "x");
    }
}
