package headwater.publish.report;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A query that names its filter's values {@code :year} and {@code :state}; they reach MySQL as parameters only. */
public record FilteredSql(String text) {
    private static final Pattern PARAMETER = Pattern.compile(":(year|state)\\b");
    /** A query that takes longer is given up: a page that nobody waits for must not hold the server. */
    private static final int TIMEOUT_SECONDS = 20;

    /** The statement with its values; the caller closes it. */
    PreparedStatement prepare(Connection connection, Filter filter) throws SQLException {
        List<String> names = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(text);
        while (parameters.find()) {
            names.add(parameters.group(1));
        }
        PreparedStatement statement = connection.prepareStatement(parameters.replaceAll("?"));
        statement.setQueryTimeout(TIMEOUT_SECONDS);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals("year")) {
                statement.setInt(i + 1, filter.year());
            } else {
                statement.setString(i + 1, filter.state().orElseThrow().code());
            }
        }
        return statement;
    }
}
