package headwater.capture.engine;

import headwater.lake.pipeline.SourceSettings;
import headwater.lake.process.Sql;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.Driver;

/**
 * Opens Debezium's connections, that of the replication stream too, so that values have the same text on every server
 * and no limit of an application's ends the stream.
 * Instantiated by Debezium by its class name.
 */
public final class TextSession implements JdbcConnection.ConnectionFactory {
    private static final JdbcConnection.ConnectionFactory PLAIN = JdbcConnection.patternBasedFactory(
            "jdbc:postgresql://${" + JdbcConfiguration.HOSTNAME + "}:${" + JdbcConfiguration.PORT + "}/${"
                    + JdbcConfiguration.DATABASE + "}",
            Driver.class.getName(),
            PostgresConnection.class.getClassLoader());

    @Override
    public Connection connect(JdbcConfiguration config) throws SQLException {
        Connection connection = PLAIN.connect(config);
        try {
            new Sql(connection)
                    .run(
                            SourceSettings.LIMITS,
                            SourceSettings.TEXT_FORM,
                            // a heartbeat is worth no wait for a standby that is away: all streaming would wait with it
                            "SET synchronous_commit TO local");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
