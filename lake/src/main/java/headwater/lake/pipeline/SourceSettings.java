package headwater.lake.pipeline;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.process.Secret;
import headwater.lake.process.Sql;
import java.io.Serializable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The source database.
 *
 * @param url {@code jdbc:postgresql://host:port/database}
 * @param failover whether standbys keep the slot as well, PostgreSQL 17 or newer
 * @param tls {@code disable}, {@code require} or {@code verify-full}, as pgjdbc's sslmode
 * @param rootCertificate PEM file for verify-full, or empty for the JVM's trust store
 */
public record SourceSettings(
        String url,
        String user,
        Secret password,
        String slot,
        boolean failover,
        String publication,
        String tls,
        String rootCertificate)
        implements Serializable {
    /** Host, port if there is one, database. Not a URI: names of containers hold underscores, which no host of a URI has. */
    static final Pattern URL = Pattern.compile("jdbc:postgresql://([^/?,:]+|\\[[^/?,]+\\])(?::(\\d+))?/([^?]+)");

    /**
     * SQL that a session runs before it reads values as texts, so that these do not depend on what the server, the
     * database or the role has set. Of {@code lc_monetary} the source's own counts: it says how many of an amount's digits
     * are cents.
     */
    public static final String TEXT_FORM = "SET datestyle TO 'ISO, MDY'; SET intervalstyle TO 'postgres'; "
            + "SET timezone TO 'UTC'; SET extra_float_digits TO 1; SET bytea_output TO 'hex'";

    /**
     * SQL that a session runs first: limits that the server, the database or the role has set are meant for applications,
     * and would end a load or a stream the same way each time. What the session's own options set stays.
     */
    public static final String LIMITS = """
            SELECT set_config(name, CASE vartype WHEN 'bool' THEN 'off' ELSE '0' END, false) FROM pg_settings
            WHERE source <> 'client' AND name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout',
              'idle_in_transaction_session_timeout', 'idle_session_timeout', 'default_transaction_read_only')""";

    /** A new connection; the caller closes it. */
    public Connection open() {
        return open(new Properties());
    }

    /** A new connection that gives up an answer after a time; the caller closes it. */
    public Connection openBounded(Duration patience) throws SQLException {
        Connection connection = open();
        try {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A new connection with options of the session, such as {@code -c lock_timeout=60s}. */
    public Connection open(String options) {
        Properties session = new Properties();
        session.setProperty("options", options);
        return open(session);
    }

    /**
     * A new connection that speaks the replication protocol.
     *
     * @param options of the session, such as {@code -c lock_timeout=60s}, or empty
     */
    public Connection openReplication(String options) {
        Properties replication = new Properties();
        replication.setProperty("replication", "database");
        replication.setProperty("preferQueryMode", "simple");
        replication.setProperty("assumeMinServerVersion", "14");
        if (!options.isEmpty()) {
            replication.setProperty("options", options);
        }
        return open(replication);
    }

    /** A new connection with further pgjdbc properties. */
    public Connection open(Properties further) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password.value());
        properties.setProperty("sslmode", tls);
        if (!rootCertificate.isEmpty()) {
            properties.setProperty("sslrootcert", rootCertificate);
        } else if (tls.equals("verify-full")) {
            properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        properties.setProperty("ApplicationName", "headwater");
        properties.setProperty("connectTimeout", "10");
        // a server that takes connections and answers none of them
        properties.setProperty("loginTimeout", "20");
        properties.setProperty("tcpKeepAlive", "true");
        further.forEach((key, value) -> properties.setProperty((String) key, (String) value));
        try {
            return unlimited(DriverManager.getConnection(url, properties));
        } catch (SQLException e) {
            throw new Failure(
                    wentAway(e) ? Remedy.RETRY : Remedy.OPERATOR,
                    "Cannot connect to PostgreSQL at " + url + " as " + user + ": " + Failure.reason(e)
                            + ". Check that the server runs and that source.url, source.user and source.password of the pipeline file are right.",
                    e);
        }
    }

    private static Connection unlimited(Connection connection) throws SQLException {
        try {
            new Sql(connection).run(LIMITS);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    public String host() {
        return parts().group(1);
    }

    /** 5432 if the URL names none. */
    public int port() {
        String port = parts().group(2);
        return port == null ? 5432 : Integer.parseInt(port);
    }

    /** As pgjdbc reads it: a name may be encoded as in URLs. */
    public String database() {
        return URLDecoder.decode(parts().group(3), StandardCharsets.UTF_8);
    }

    private Matcher parts() {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalStateException("Not a URL of PostgreSQL: " + url);
        }
        return parts;
    }

    /** Connection failures (class 08) and a server that starts or stops (57P0x) pass by themselves. */
    public static boolean wentAway(SQLException e) {
        return e.getSQLState() != null
                && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P"));
    }
}
