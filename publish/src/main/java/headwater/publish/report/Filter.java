package headwater.publish.report;

import java.util.Optional;

/**
 * The year, and the state or all of them.
 *
 * @param state empty for all
 */
public record Filter(int year, Optional<State> state) {

    /** A state by its code and its name. */
    public record State(String code, String name) {}

    /** The query part of an address. */
    String address() {
        return "year=" + year + state.map(chosen -> "&state=" + chosen.code()).orElse("");
    }

    /** In words, such as {@code California, 2020}. */
    String words() {
        return state.map(State::name).orElse("All states") + ", " + year;
    }
}
