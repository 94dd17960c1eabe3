package headwater.publish.docs;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedServers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Follows docs/your-own-tables.md word by word: runs every block as it stands, in order, and compares what it prints and
 * what MySQL holds with what the page shows. Only addresses and passwords are this test's own, in the variables that the
 * page tells its reader to set.
 */
@Tag("nightly")
class OwnTablesIT {
    private static final Path FOLDER = Path.of("target", "own-tables").toAbsolutePath();
    /** What the page calls some seconds. */
    private static final Duration SOME_SECONDS = Duration.ofMinutes(3);

    private static EmbeddedServers servers;

    @BeforeAll
    static void startServers() {
        servers = EmbeddedServers.start(FOLDER.resolve("servers"));
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @Test
    void thePageWorksAsItStands() throws SQLException {
        List<Page.Block> blocks = Page.read("docs/your-own-tables.md").blocks();
        int shown = 0;
        try (Terminal terminal = new Terminal(FOLDER, servers.environment())) {
            for (int at = 0; at < blocks.size(); at++) {
                Optional<Page.Block> result =
                        at + 1 < blocks.size() && blocks.get(at + 1).info().equals("text")
                                ? Optional.of(blocks.get(at + 1))
                                : Optional.empty();
                follow(blocks.get(at), result, terminal);
                if (result.isPresent()) {
                    shown++;
                    at++;
                }
            }
            assertThat(terminal.printed()).doesNotContain("\tat ", "Exception");
        }
        assertThat(shown).as("results that the page shows").isGreaterThanOrEqualTo(8);
    }

    private static void follow(Page.Block block, Optional<Page.Block> result, Terminal terminal) throws SQLException {
        switch (block.info()) {
            case "sql postgres" -> execute(block);
            case "sql mysql" -> awaitRows(block, result.orElseThrow());
            case "yaml shop.yaml" -> terminal.save("shop.yaml", block.text());
            case "yaml shop.yaml tables" -> terminal.insert("shop.yaml", "tables:", block.text());
            case "yaml shop.yaml curated" -> terminal.insert("shop.yaml", "curated:", block.text());
            // the reader's own values are the test's environment
            case "sh environment" ->
                assertThat(block.exported()).isSubsetOf(servers.environment().keySet());
            case "sh" -> type(block, result, terminal);
            default -> throw new AssertionError("line " + block.line() + ": nobody runs a block of " + block.info());
        }
    }

    private static void execute(Page.Block block) throws SQLException {
        try (Connection source = DriverManager.getConnection(
                        servers.postgres().url(),
                        EmbeddedPostgres.USER,
                        servers.postgres().password());
                Statement statement = source.createStatement()) {
            for (String sql : block.statements()) {
                statement.execute(sql);
            }
        }
    }

    private static void type(Page.Block block, Optional<Page.Block> result, Terminal terminal) {
        Terminal.Ran ran = terminal.run(block.text());
        assertThat(ran.exitCode())
                .as("line %d printed:%n%s", block.line(), ran.printed())
                .isZero();
        Iterator<String> lines = ran.printed().lines().iterator();
        result.map(Page.Block::patterns).orElse(List.of()).forEach(wanted -> {
            boolean found = false;
            while (!found && lines.hasNext()) {
                found = wanted.matcher(lines.next()).find();
            }
            assertThat(found)
                    .as("line %d prints, in this order: %s%nIt printed:%n%s", block.line(), wanted, ran.printed())
                    .isTrue();
        });
    }

    private static void awaitRows(Page.Block query, Page.Block table) throws SQLException {
        Rows wanted = Rows.shown(table.text());
        assertThat(wanted.lines()).as("line %d", table.line()).hasSizeGreaterThan(1);
        Instant deadline = Instant.now().plus(SOME_SECONDS);
        try (Connection mart = DriverManager.getConnection(
                servers.mySql().url(), "headwater", servers.mySql().password())) {
            Rows found = Rows.of(mart, query.text());
            while (!found.equals(wanted) && Instant.now().isBefore(deadline)) {
                LockSupport.parkNanos(200_000_000);
                found = Rows.of(mart, query.text());
            }
            assertThat(found.lines()).as("line %d", query.line()).isEqualTo(wanted.lines());
        }
    }
}
