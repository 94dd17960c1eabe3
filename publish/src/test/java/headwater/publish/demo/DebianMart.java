package headwater.publish.demo;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.process.Home;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server of Debian's packages, run from a folder with the libraries that it was built with: nothing is installed, and
 * the system's own release does not matter.
 */
final class DebianMart implements AutoCloseable {
    static final String USER = "headwater";
    static final String PASSWORD = "mart-of-a-test";

    /** Where the package comes from, and what its server needs to be told. */
    enum Server {
        /** Only the suite that moves has it: its version is what Debian has that day. */
        MYSQL_9("sid", "mysql-server-core", "mysqld", "--mysqlx=OFF"),
        MARIADB_10_11("bookworm", "mariadb-server-core", "mariadbd", "--skip-log-bin");

        private final String suite;
        private final String packageName;
        private final String program;
        private final String option;

        Server(String suite, String packageName, String program, String option) {
            this.suite = suite;
            this.packageName = packageName;
            this.program = program;
            this.option = option;
        }
    }

    private final Server server;
    private final Path folder;
    private final Path root;
    private final int port;
    private final Process process;

    private DebianMart(Server server, Path folder) throws IOException {
        this.server = server;
        this.folder = CaseRun.emptied(folder);
        this.root = unpacked(server);
        this.port = freePort();
        initialise();
        Path users = Files.writeString(
                folder.resolve("users.sql"),
                "CREATE USER '%1$s'@'%%' IDENTIFIED BY '%2$s';\nGRANT ALL ON *.* TO '%1$s'@'%%';\n"
                        .formatted(USER, PASSWORD));
        this.process = new ProcessBuilder(command("--port=" + port, "--init-file=" + users))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
    }

    /** Starts a new, empty server and waits for it. */
    static DebianMart start(Server server, Path folder) throws IOException {
        DebianMart started = new DebianMart(server, folder);
        CaseRun.await(started::answers);
        return started;
    }

    /** Of a database that does not exist yet. */
    String url() {
        return "jdbc:mysql://127.0.0.1:" + port + "/report";
    }

    /** As the server calls it. */
    String version() throws SQLException {
        try (Connection connection = open()) {
            return connection.getMetaData().getDatabaseProductVersion();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private boolean answers() {
        assertThat(process.isAlive()).as("%s runs, see %s", server, folder).isTrue();
        try (Connection connection = open()) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://127.0.0.1:" + port + "/?sslMode=DISABLED&allowPublicKeyRetrieval=true", USER, PASSWORD);
    }

    private void initialise() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        if (server == Server.MYSQL_9) {
            run(new ProcessBuilder(command("--initialize-insecure")), folder);
            return;
        }
        Path sql = folder.resolve("system.sql");
        Files.writeString(sql, "CREATE DATABASE mysql;\nUSE mysql;\n");
        for (String name : List.of("mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data")) {
            Files.write(
                    sql,
                    Files.readAllBytes(root.resolve("usr/share/mysql").resolve(name + ".sql")),
                    StandardOpenOption.APPEND);
        }
        run(new ProcessBuilder(command("--bootstrap", "--skip-grant-tables")).redirectInput(sql.toFile()), folder);
    }

    private List<String> command(String... further) throws IOException {
        Path share = root.resolve("usr/share/mysql");
        List<String> command = new ArrayList<>(List.of(
                find("ld-linux-x86-64.so.2").toString(),
                "--argv0",
                server.program,
                "--library-path",
                root.resolve("usr/lib/x86_64-linux-gnu") + File.pathSeparator + root.resolve("lib/x86_64-linux-gnu"),
                root.resolve("usr/sbin").resolve(server.program).toString(),
                "--no-defaults",
                "--basedir=" + root.resolve("usr"),
                "--datadir=" + folder.resolve("data"),
                "--lc-messages-dir=" + share,
                "--character-sets-dir=" + share.resolve("charsets"),
                "--plugin-dir=" + root.resolve("usr/lib/mysql/plugin"),
                "--secure-file-priv=",
                "--bind-address=127.0.0.1",
                "--socket=/tmp/headwater-mart-" + port + ".sock",
                "--pid-file=" + folder.resolve("server.pid")));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--user=root");
        }
        command.add(server.option);
        command.addAll(List.of(further));
        return command;
    }

    private Path find(String name) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.getFileName().toString().equals(name) && Files.isRegularFile(file))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The packages and all that they depend on, fetched once into Headwater's own folder. */
    private static Path unpacked(Server server) throws IOException {
        Path unpacked = Home.data().resolve("servers").resolve("debian-" + server.suite + "-" + server.packageName);
        if (!Files.isDirectory(unpacked.resolve("root"))) {
            CaseRun.emptied(unpacked);
            // no package counts as installed, so that the libraries come too
            run(new ProcessBuilder("sh", "-c", """
                    set -e
                    mkdir -p lists/partial cache/archives/partial part
                    : > status
                    echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian %s main' > sources.list
                    apt="apt-get -q -y -o Dir::Etc::sourcelist=$PWD/sources.list -o Dir::Etc::sourceparts=-"
                    apt="$apt -o Dir::State::lists=$PWD/lists -o Dir::State::status=$PWD/status"
                    apt="$apt -o Dir::Cache=$PWD/cache -o Debug::NoLocking=true"
                    $apt update
                    $apt --no-install-recommends --download-only install %s
                    for package in cache/archives/*.deb; do dpkg -x "$package" part; done
                    rm -r lists cache
                    mv part root
                    """.formatted(server.suite, server.packageName)), unpacked);
        }
        return unpacked.resolve("root");
    }

    private static void run(ProcessBuilder builder, Path folder) throws IOException {
        Path log = folder.resolve("prepare.log");
        Process process = builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.onExit().join().exitValue())
                .as("%s prepares, see %s", builder.command(), log)
                .isZero();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
