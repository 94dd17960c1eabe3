package headwater.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedPostgres;
import headwater.lake.embedded.EmbeddedS3;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A schema, a publication and a slot of their own for one test, and pipelines over them. */
public final class TestingSource implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(30);

    private EmbeddedPostgres server;
    private final String name = "it" + NUMBER.incrementAndGet();
    private final List<String> tables;
    private Connection connection;

    /** @param ddl statements in which {@code $} stands for the schema */
    public TestingSource(List<String> tables, String... ddl) throws SQLException {
        this(TestingServers.postgres(), tables, ddl);
    }

    public TestingSource(EmbeddedPostgres server, List<String> tables, String... ddl) throws SQLException {
        this.server = server;
        this.tables = new ArrayList<>(tables);
        this.connection = open();
        execute("CREATE SCHEMA $");
        execute(ddl);
        List<String> qualified =
                tables.stream().map(table -> name + "." + table).toList();
        execute("CREATE PUBLICATION $ FOR TABLE " + String.join(", ", qualified)
                + " WITH (publish_via_partition_root = true)");
        createSlot();
    }

    /** A further table of the publication and of pipelines from now on. */
    void add(String table, String... ddl) throws SQLException {
        execute(ddl);
        execute("ALTER PUBLICATION $ ADD TABLE $." + table);
        tables.add(table);
    }

    void createSlot() throws SQLException {
        execute("SELECT pg_create_logical_replication_slot('$', 'pgoutput')");
    }

    /** Once nobody reads it: a walsender outlives the capture that it sent to for a moment. */
    void dropSlot() throws SQLException {
        RunningCapture.await(
                () -> {
                    try {
                        return value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$' AND active")
                                .equals("0");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                SLOT_PATIENCE);
        execute("SELECT pg_drop_replication_slot('$')");
    }

    /** Schema, publication and slot have this name. */
    String name() {
        return name;
    }

    Connection open() throws SQLException {
        return DriverManager.getConnection(server.url(), EmbeddedPostgres.USER, server.password());
    }

    /** Another server has the database from now on. */
    void failOverTo(EmbeddedPostgres promoted) throws SQLException {
        server = promoted;
        reconnect();
    }

    /** After the server was restarted. */
    void reconnect() throws SQLException {
        connection = open();
    }

    /** Each statement in a transaction of its own; {@code $} stands for the schema. */
    public void execute(String... statements) throws SQLException {
        for (String statement : statements) {
            try (Statement execution = connection.createStatement()) {
                execution.execute(statement.replace("$", name));
            }
        }
    }

    /** All statements in one transaction. */
    void transaction(String... statements) throws SQLException {
        connection.setAutoCommit(false);
        execute(statements);
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** The rows of a query, each as its columns' texts. */
    List<List<String>> query(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql.replace("$", name))) {
            List<List<String>> result = new ArrayList<>();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    row.add(rows.getString(column));
                }
                result.add(row);
            }
            return result;
        }
    }

    String value(String sql) throws SQLException {
        return query(sql).get(0).get(0);
    }

    /** The LSN that a query returns. */
    long lsn(String sql) throws SQLException {
        return Lsn.parse(value(sql)).value();
    }

    public Pipeline pipeline(Path folder) {
        return pipeline("root: \"file:" + folder.toAbsolutePath() + "\"", 16 << 20);
    }

    public Pipeline pipeline(Path folder, int flushBytes) {
        return pipeline("root: \"file:" + folder.toAbsolutePath() + "\"", flushBytes);
    }

    public Pipeline pipeline(EmbeddedS3 s3) {
        return pipeline(lake(s3), 16 << 20);
    }

    /** The setting {@code lake:} of a lake in S3. */
    String lake(EmbeddedS3 s3) {
        return """
                root: "s3a://%s/%s"
                  options: {fs.s3a.endpoint: "%s", fs.s3a.endpoint.region: us-east-1, fs.s3a.path.style.access: "true"}\
                """.formatted(EmbeddedS3.BUCKET, name, s3.url());
    }

    /**
     * The pipeline of this source into a lake.
     *
     * @param lake the setting {@code lake:}
     */
    public Pipeline pipeline(String lake, int flushBytes) {
        return PipelineFile.parse("test", yaml(lake, flushBytes), variable -> password());
    }

    /** The pipeline file, for a process of its own; its password variable is {@code PW}. */
    String yaml(String lake, int flushBytes) {
        StringBuilder yaml =
                new StringBuilder("""
                name: test
                source: {url: "%s", user: %s, password: "${PW}", slot: %s, publication: %s}
                lake:
                  %s
                target: {url: "jdbc:mysql://nowhere/none", user: none, password: "${PW}"}
                capture: {flushInterval: 200ms, flushBytes: %d}
                tables:
                """.formatted(server.url(), EmbeddedPostgres.USER, name, name, lake, flushBytes));
        for (String table : tables) {
            yaml.append("  %s: {source: %s.%s, key: [id], columns: {id: id}}\n".formatted(table, name, table));
        }
        return yaml.toString();
    }

    String password() {
        return server.password();
    }

    /** The walsender of a capture that has ended may take a moment to notice. */
    void awaitFreeSlot() {
        RunningCapture.await(this::slotIsFree, SLOT_PATIENCE);
    }

    /** Ends the sessions whose process ids a query returns; how many there were. */
    long terminate(String pids) throws SQLException {
        try (Connection superuser = server.openAsSuperuser();
                Statement statement = superuser.createStatement();
                ResultSet ended =
                        statement.executeQuery("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM ("
                                + pids.replace("$", name) + ") AS p (pid)")) {
            ended.next();
            return ended.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        execute("DROP PUBLICATION IF EXISTS $", "DROP SCHEMA $ CASCADE");
        awaitFreeSlot();
        execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$'");
        connection.close();
    }

    /** Whether no walsender has the slot. */
    boolean slotIsFree() {
        try {
            return query("SELECT FROM pg_replication_slots WHERE slot_name = '$' AND active")
                    .isEmpty();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
