package headwater.lake.pipeline;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Secret;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The MySQL database that reports read.
 *
 * @param url {@code jdbc:mysql://host:port/database}
 * @param tls {@code DISABLED}, {@code REQUIRED} or {@code VERIFY_IDENTITY}, as Connector/J's sslMode
 * @param maxTransactionRows up to so many changed rows a publication is one MySQL transaction
 * @param timeout of one statement's answer and of one wait for a lock
 */
public record TargetSettings(
        String url, String user, Secret password, String tls, int maxTransactionRows, Duration timeout) {
    /** Host, port if there is one, database. */
    static final Pattern URL = Pattern.compile("jdbc:mysql://([^/?,:]+|\\[[^/?,]+\\])(?::\\d+)?/([A-Za-z0-9_$]+)");

    /** A server that takes connections and answers none of them is gone by then. */
    private static final Duration LOGIN = Duration.ofSeconds(20);

    /** The driver gives up only after the server would have: its words say more. */
    private static final Duration LATER = Duration.ofSeconds(2);

    /** The same database for another user. */
    TargetSettings as(String other, Secret otherPassword) {
        return new TargetSettings(url, other, otherPassword, tls, maxTransactionRows, timeout);
    }

    /** A new connection to the database; the caller closes it. */
    public Connection open() {
        return open(url);
    }

    /**
     * A new connection that waits at most {@link #timeout()}, for an answer as for a lock of a row or of a table; the
     * caller closes it.
     */
    public Connection openBounded() throws SQLException {
        Connection connection = open();
        try {
            long seconds = Math.max(1, timeout.toSeconds());
            new Sql(connection)
                    .run("SET SESSION lock_wait_timeout = " + seconds + ", SESSION innodb_lock_wait_timeout = "
                            + seconds);
            connection.setNetworkTimeout(
                    Runnable::run, Math.toIntExact(timeout.plus(LATER).toMillis()));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A new connection to the server without a database, for creating it. */
    public Connection openServer() {
        return open(url.substring(0, url.lastIndexOf('/') + 1));
    }

    public String database() {
        return parts().group(2);
    }

    public String host() {
        return parts().group(1);
    }

    private Matcher parts() {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalStateException("Not a URL of MySQL: " + url);
        }
        return parts;
    }

    /** Connector/J's, the password among them. */
    public Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password.value());
        properties.setProperty("sslMode", tls);
        properties.setProperty("rewriteBatchedStatements", "true");
        properties.setProperty("connectionTimeZone", "UTC");
        properties.setProperty("forceConnectionTimeZoneToSession", "true");
        properties.setProperty("connectTimeout", "10000");
        properties.setProperty("tcpKeepAlive", "true");
        if (tls.equals("DISABLED")) {
            // caching_sha2_password without TLS asks for the server's key first
            properties.setProperty("allowPublicKeyRetrieval", "true");
        }
        return properties;
    }

    private Connection open(String at) {
        Properties bounded = properties();
        bounded.setProperty("socketTimeout", String.valueOf(LOGIN.toMillis()));
        try {
            Connection connection = DriverManager.getConnection(at, bounded);
            connection.setNetworkTimeout(Runnable::run, 0);
            return connection;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            throw new Failure(
                    state.startsWith("08") ? Remedy.RETRY : Remedy.OPERATOR,
                    "Cannot connect to MySQL at " + at + " as " + user + ": " + Failure.reason(e)
                            + ". Check that the server runs and that target.url, target.user and target.password of the pipeline file are right.",
                    e);
        }
    }
}
