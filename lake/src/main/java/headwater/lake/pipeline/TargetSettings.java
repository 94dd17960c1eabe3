package headwater.lake.pipeline;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Secret;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * The MySQL database that reports read.
 *
 * @param url {@code jdbc:mysql://host:port/database}
 * @param tls {@code DISABLED}, {@code REQUIRED} or {@code VERIFY_IDENTITY}, as Connector/J's sslMode
 * @param maxTransactionRows up to so many changed rows a publication is one MySQL transaction
 */
public record TargetSettings(String url, String user, Secret password, String tls, int maxTransactionRows) {

    /** The same database for another user. */
    TargetSettings as(String other, Secret otherPassword) {
        return new TargetSettings(url, other, otherPassword, tls, maxTransactionRows);
    }

    /** A new connection to the database; the caller closes it. */
    public Connection open() {
        return open(url);
    }

    /** A new connection to the server without a database, for creating it. */
    public Connection openServer() {
        return open(url.substring(0, url.lastIndexOf('/') + 1));
    }

    public String database() {
        return URI.create(url.substring("jdbc:".length())).getPath().substring(1);
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
        try {
            return DriverManager.getConnection(at, properties());
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
