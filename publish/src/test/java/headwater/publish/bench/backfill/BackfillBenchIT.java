package headwater.publish.bench.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark itself fails unless each side has carried every row. */
@Tag("nightly")
class BackfillBenchIT {
    private static final long ROWS = 3_000;
    private static final Pattern SIDE = Pattern.compile(
            "(?m)^(\\w+) +[0-9.]+ s: ([0-9,]+) rows, .*CPU s: JVM ([0-9.]+), .*RSS ([0-9,]+) MiB; ([0-9.]+) MB in raw");

    @TempDir
    private Path folder;

    @Test
    void everySideCarriesAllRows() throws IOException {
        assertThat(measured("copy", "raw", "jdbc", "chain")).containsExactly("raw/copy", "jdbc/raw", "chain/copy");
    }

    /** Runs the sides; returns the names of the figures in the file. */
    private List<String> measured(String... sides) throws IOException {
        Path json = folder.resolve("figures.json");
        String printed;
        try (HeadwaterProcess bench = HeadwaterProcess.start(
                folder,
                Map.of(),
                "bench",
                "backfill",
                "--rows",
                String.valueOf(ROWS),
                "--sides",
                String.join(",", sides),
                "--json",
                json.toString())) {
            bench.awaitSuccess();
            printed = String.join("\n", bench.output());
        }
        List<MatchResult> found = SIDE.matcher(printed).results().toList();
        assertThat(found).as(printed).extracting(side -> side.group(1)).containsExactly(sides);
        for (MatchResult side : found) {
            assertThat(number(side.group(2))).as(side.group()).isGreaterThan(ROWS);
            if (!side.group(1).equals("copy")) {
                assertThat(number(side.group(3))).as(side.group()).isGreaterThan(1);
                assertThat(number(side.group(4))).as(side.group()).isGreaterThan(100);
                assertThat(number(side.group(5))).as(side.group()).isPositive();
            }
        }
        return names(json, printed);
    }

    private static List<String> names(Path json, String printed) throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode figure : new ObjectMapper().readTree(json.toFile()).get("figures")) {
            String name = figure.get("name").asText();
            assertThat(figure.get("value").asDouble()).isPositive();
            assertThat(printed).contains("\nbench backfill " + name + "=");
            names.add(name);
        }
        return names;
    }

    private static double number(String text) {
        return Double.parseDouble(text.replace(",", ""));
    }
}
