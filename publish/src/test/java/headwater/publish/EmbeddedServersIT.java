package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.embedded.EmbeddedServers;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.store.ConditionalLogStore;
import headwater.lake.store.LakeConfiguration;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** KillIT kills each server as well, and ConditionalLogStoreIT races for an entry. */
@Tag("nightly")
class EmbeddedServersIT {

    @Test
    void dataSurvivesKillOfEachServerAndTheStoreKeepsTheFirstWriter() throws Exception {
        Path folder = Path.of("target", "embedded-servers").toAbsolutePath();
        try (EmbeddedServers servers = EmbeddedServers.start(folder)) {
            Pipeline pipeline = PipelineFile.read(PipelineFile.SHIPPED, servers.environment()::get);
            servers.s3().useInThisJvm();
            Configuration hadoop = LakeConfiguration.of(pipeline.lake());
            ConditionalLogStore store = new ConditionalLogStore(hadoop);
            org.apache.hadoop.fs.Path entry =
                    new org.apache.hadoop.fs.Path(pipeline.lake().root() + "/log/0.json");
            execute(pipeline.source().open(), "CREATE TABLE t AS SELECT 42 AS answer");
            execute(pipeline.target().openServer(), "CREATE DATABASE report");
            execute(pipeline.target().open(), "CREATE TABLE t AS SELECT 43 AS answer");
            store.write(entry, List.of("first").iterator(), false, hadoop);

            for (var server : List.of(servers.postgres(), servers.s3(), servers.mySql())) {
                server.kill();
                assertThat(server.alive()).isFalse();
                server.restart();
            }

            assertThat(answer(pipeline.source().open())).isEqualTo(42);
            assertThat(answer(pipeline.target().open())).isEqualTo(43);
            store.write(entry, List.of("first").iterator(), false, hadoop);
            Assertions.assertThatThrownBy(
                            () -> store.write(entry, List.of("second").iterator(), false, hadoop))
                    .isInstanceOf(FileAlreadyExistsException.class);
            try (var lines = store.read(entry, hadoop)) {
                assertThat(lines.next()).isEqualTo("first");
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int answer(Connection connection) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT answer FROM t")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
