package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.process.CommandLineErrors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** The servers of a small pipeline that commands are run on: two tables of the schema shop, one published table. */
public final class ShopServers implements AutoCloseable {

    /** What a command ended with. */
    public record Ran(int exitCode, String out, String err) {}

    private final Path folder;
    private final EmbeddedServers servers;

    /** @param folder for the servers' data and the pipeline file */
    public ShopServers(Path folder) {
        this.folder = folder.toAbsolutePath();
        this.servers = EmbeddedServers.start(this.folder);
        servers.s3().useInThisJvm();
    }

    public EmbeddedServers servers() {
        return servers;
    }

    public void createTables() throws SQLException {
        source("CREATE SCHEMA shop");
        source("CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer text, card text)");
        source("CREATE TABLE shop.events (id bigint PRIMARY KEY, at date) PARTITION BY RANGE (id)");
        source("CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM (0) TO (1000)");
    }

    /** Tears the pipeline down and drops the tables. */
    public void dropTables() throws SQLException, IOException {
        run("teardown", yaml(), "--drop-target");
        source("DROP SCHEMA shop CASCADE");
    }

    public Ran run(String command, String yaml, String... options) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new Publish())
                .setExecutionExceptionHandler(new CommandLineErrors())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        List<String> arguments =
                new ArrayList<>(List.of(command, "--pipeline", file(yaml).toString()));
        arguments.addAll(List.of(options));
        int exitCode = line.execute(arguments.toArray(String[]::new));
        Ran ran = new Ran(exitCode, out.toString(), err.toString());
        assertNoSecret(ran.out + ran.err);
        return ran;
    }

    public Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("shop.yaml"), yaml);
    }

    public String yaml() throws IOException {
        Path postgres = Files.writeString(
                folder.resolve("postgres.pw"), servers.postgres().password());
        Path mySql =
                Files.writeString(folder.resolve("mysql.pw"), servers.mySql().password());
        return """
                name: shop
                source: {url: "%s", user: headwater, password: "file:%s", slot: shop, publication: shop}
                lake:
                  root: "s3a://new-lake/shop"
                  options: {fs.s3a.endpoint: "%s", fs.s3a.endpoint.region: us-east-1, fs.s3a.path.style.access: "true"}
                target: {url: "%s", user: headwater, password: "file:%s"}
                tables:
                  orders: {source: shop.orders, key: [id], columns: {id: id, customer: customer}}
                  events: {source: shop.events, key: [id], columns: {id: id}}
                curated:
                  sales:
                    key: [year, item]
                    partitionBy: [year]
                    sql: SELECT 1
                    affectedBy: {orders: SELECT 1}
                    columns: {year: smallint, item: varchar(40), total: "DECIMAL(20, 2)"}
                """.formatted(
                        servers.postgres().url(),
                        postgres,
                        servers.s3().url(),
                        servers.mySql().url(),
                        mySql);
    }

    /** Runs a statement as the pipeline's role; the first value of its first row. */
    public String source(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                servers.postgres().url(), "headwater", servers.postgres().password())) {
            return first(connection, sql);
        }
    }

    /** The same in MySQL. */
    public String target(String sql) throws SQLException {
        String server = servers.mySql().url().replace("/report", "/information_schema");
        try (Connection connection =
                DriverManager.getConnection(server, "headwater", servers.mySql().password())) {
            return first(connection, sql);
        }
    }

    /** Runs a statement; the first value of its first row. */
    public static String first(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet row = statement.getResultSet()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    @Override
    public void close() {
        servers.close();
    }

    private void assertNoSecret(String text) {
        assertThat(text)
                .doesNotContain(servers.postgres().password())
                .doesNotContain(servers.mySql().password())
                .doesNotContain(servers.s3().secretKey());
    }
}
