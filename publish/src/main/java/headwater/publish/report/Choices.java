package headwater.publish.report;

import headwater.publish.report.Filter.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The years and states that are published.
 *
 * @param years the newest first
 * @param states by name
 */
public record Choices(List<Integer> years, List<State> states) {

    /** Reads them; both are empty where no row is published. */
    static Choices read(Connection connection) throws SQLException {
        List<Integer> years = new ArrayList<>();
        Map<String, State> states = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT year, state_code, state_name FROM state_summary ORDER BY year DESC");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                if (!years.contains(row.getInt(1))) {
                    years.add(row.getInt(1));
                }
                State state = new State(row.getString(2), row.getString(3));
                states.putIfAbsent(state.name() + " " + state.code(), state);
            }
        }
        return new Choices(years, List.copyOf(states.values()));
    }

    /**
     * The filter that an address asks for: the newest year and all states unless it says otherwise.
     *
     * @throws Problem if the year or the state is not published
     */
    Filter filter(Optional<String> year, Optional<String> state) {
        return new Filter(
                year.map(this::year).orElseGet(() -> years.get(0)),
                state.filter(code -> !code.isEmpty()).map(this::state));
    }

    private Integer year(String asked) {
        return years.stream()
                .filter(year -> year.toString().equals(asked))
                .findFirst()
                .orElseThrow(() -> Problem.unknown("year", asked, join(years)));
    }

    private State state(String asked) {
        return states.stream()
                .filter(state -> state.code().equals(asked))
                .findFirst()
                .orElseThrow(() -> Problem.unknown(
                        "state",
                        asked,
                        join(states.stream().map(State::code).sorted().toList())));
    }

    private static String join(List<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
}
