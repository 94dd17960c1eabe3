package headwater.publish.mart;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** What differs between MySQL and MariaDB. */
public enum TargetServer {
    MYSQL("utf8mb4_0900_bin"),
    MARIADB("utf8mb4_nopad_bin");

    private final String collation;

    TargetServer(String collation) {
        this.collation = collation;
    }

    public static TargetServer of(Connection connection) throws SQLException {
        String version = connection.getMetaData().getDatabaseProductVersion();
        return version.toLowerCase(Locale.ROOT).contains("mariadb") ? MARIADB : MYSQL;
    }

    /** Order and equality by code point, blanks at the end included: those of Spark and of PostgreSQL's "C". */
    public String collation() {
        return collation;
    }
}
