package headwater.publish.docs;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.process.Home;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Holds README.md to the program: its commands and options exist, and its steps work as they stand. */
class ReadmeIT {
    private static final Path FOLDER = Path.of("target", "readme").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String STEPS = "Your own servers";
    /** The password that the page's statements give to both users. */
    private static final String PASSWORD = "choose-your-own";

    private static final String REPORT_PASSWORD = "choose-another";

    /** What other tests and the build run: KillIT and the demo of a release the one, everybody the other. */
    private static final List<String> RUN_ELSEWHERE =
            List.of("./headwater demo --for 60s --rows 200000", "./mvnw verify");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path logs;

    private static EmbeddedServers servers;
    private static final Map<String, String> environment = new HashMap<>();

    private final Page page = Page.read("README.md");

    @BeforeAll
    static void startServers() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
        environment.putAll(servers.environment());
        environment.put("HEADWATER_SOURCE_PASSWORD", PASSWORD);
        environment.put("HEADWATER_TARGET_PASSWORD", PASSWORD);
        environment.put("HEADWATER_REPORT_PASSWORD", REPORT_PASSWORD);
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @Test
    void theLauncherTellsItsVersion() throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Home.folder().resolve("headwater").toString(), "--version");
        builder.environment().put("HEADWATER_BUILT", "true");
        Process launcher = builder.start();
        assertThat(new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .containsPattern("(?m)^headwater [0-9]+\\.[0-9]+\\.[0-9]+");
        assertThat(launcher.waitFor()).isZero();
    }

    @Test
    void everyCommandIsListedWithOptionsThatItHas() throws IOException {
        Map<String, List<String>> options = new LinkedHashMap<>();
        rows("Commands").forEach(row -> options.put(name(row), names(row.cells().get(2))));
        assertThat(options.keySet()).containsExactlyInAnyOrderElementsOf(commandsOfTheLauncher());
        shell().filter(line -> line.startsWith("./headwater ")).forEach(line -> {
            String[] words = line.replace(" &", "").split(" ");
            assertThat(options).as(line).containsKey(words[1]);
            options.get(words[1]).addAll(Arrays.asList(words).subList(2, words.length));
        });
        options.forEach((command, named) -> {
            String help = help(command);
            named.stream()
                    .filter(word -> word.startsWith("--"))
                    .forEach(option -> assertThat(help).as(command).containsPattern(option + "(?![a-z-])"));
        });
    }

    @Test
    void everySettingOfTheShippedPipelineIsListedWithItsDefault() throws IOException {
        Map<String, String> listed = new LinkedHashMap<>();
        rows("Settings").forEach(row -> listed.put(name(row), row.cells().get(1).replace("`", "")));
        Map<String, String> read = new LinkedHashMap<>();
        Pattern.compile("\\$\\{([A-Z0-9_]+)(?::-([^}]*))?}")
                .matcher(Files.readString(
                        Home.folder().resolve("lake/src/main/resources/pipelines/medicare-part-d/pipeline.yaml")))
                .results()
                .filter(variable -> !variable.group(1).equals("NAME"))
                .forEach(variable -> read.put(variable.group(1), otherwise(variable)));

        assertThat(listed).containsExactlyInAnyOrderEntriesOf(read);
    }

    @Test
    void theStepsToOnesOwnServersWorkAsTheyStand() throws Exception {
        prepareServersAsAReaderHasThem();
        assertThat(shell().filter(line -> !isStep(line))).containsExactlyElementsOf(RUN_ELSEWHERE);
        try (Terminal terminal = new Terminal(FOLDER, environment)) {
            for (Page.Block block : page.blocks()) {
                if (block.heading().equals(STEPS)) {
                    follow(block, terminal);
                }
            }
            awaitMart();
            assertThat(terminal.run("kill $(jobs -p); wait").exitCode()).isZero();
            assertThat(terminal.printed()).doesNotContain("\tat ", "Exception");
        }
    }

    /** A database whose tables belong to the application, and no user for Headwater anywhere. */
    private static void prepareServersAsAReaderHasThem() throws SQLException {
        Map<String, String> application = new HashMap<>(servers.environment());
        try (HeadwaterProcess rows = HeadwaterProcess.start(logs, application, "generate", "--rows", "500")) {
            rows.awaitSuccess();
        }
        try (Connection source = servers.postgres().openAsSuperuser();
                Connection target = servers.mySql().openAsRoot()) {
            execute(source, "ALTER ROLE headwater RENAME TO application");
            execute(source, "ALTER SYSTEM SET wal_level = 'replica'");
            execute(target, "DROP USER headwater, headwater_report");
        }
        restartPostgres();
    }

    private static void follow(Page.Block block, Terminal terminal) throws SQLException {
        switch (block.info()) {
            case "sql postgres" -> {
                try (Connection source = servers.postgres().openAsSuperuser()) {
                    execute(source, block.statements());
                }
                restartPostgres();
            }
            case "sql mysql" -> {
                try (Connection target = servers.mySql().openAsRoot()) {
                    execute(target, block.statements());
                }
            }
            case "sh environment" -> assertThat(block.exported()).isSubsetOf(environment.keySet());
            case "sh" -> {
                Terminal.Ran ran = terminal.run(block.text());
                assertThat(ran.exitCode())
                        .as("line %d printed:%n%s", block.line(), ran.printed())
                        .isZero();
            }
            default -> throw new AssertionError("line " + block.line() + ": nobody runs a block of " + block.info());
        }
    }

    private static void restartPostgres() {
        servers.postgres().close();
        servers.postgres().restart();
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The last statement of the steps: reports have rows. */
    private static void awaitMart() throws SQLException {
        Instant deadline = Instant.now().plus(PATIENCE);
        try (Connection target = servers.mySql().openAsRoot()) {
            while (Rows.of(target, "SELECT * FROM report.state_summary").lines().size() < 2) {
                assertThat(Instant.now()).as("rows in MySQL").isBefore(deadline);
                LockSupport.parkNanos(200_000_000);
            }
        }
    }

    private Stream<String> shell() {
        return page.blocks().stream()
                .filter(block -> block.info().equals("sh"))
                .flatMap(block -> block.text().lines());
    }

    private boolean isStep(String line) {
        return page.blocks().stream()
                .anyMatch(block -> block.heading().equals(STEPS) && block.text().contains(line + "\n"));
    }

    private List<Page.Row> rows(String heading) {
        return page.rows().stream().filter(row -> row.heading().equals(heading)).toList();
    }

    private static String name(Page.Row row) {
        return row.cells().get(0).replace("`", "");
    }

    private static List<String> names(String cell) {
        List<String> names = new ArrayList<>();
        Pattern.compile("`([^`]+)`").matcher(cell).results().forEach(name -> names.add(name.group(1)));
        return names;
    }

    private static String otherwise(MatchResult variable) {
        return variable.group(2) == null ? "" : variable.group(2);
    }

    /** Those that it lists when it is called without any. */
    private static List<String> commandsOfTheLauncher() throws IOException {
        return Pattern.compile("(?m)^  ([a-z]+) {2,}[a-z]")
                .matcher(Files.readString(Home.folder().resolve("headwater")))
                .results()
                .map(command -> command.group(1))
                .toList();
    }

    private static String help(String command) {
        try (HeadwaterProcess process = HeadwaterProcess.start(logs, environment, command, "--help")) {
            process.awaitSuccess();
            return String.join("\n", process.output());
        }
    }
}
