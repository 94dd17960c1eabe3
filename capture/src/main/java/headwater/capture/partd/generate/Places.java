package headwater.capture.partd.generate;

import headwater.capture.partd.source.CopyText;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The 62 state codes of the CMS files by their share of prescribers, and cities for each. */
public final class Places {
    /** The 50 states, DC and PR: those with rows in the table of cities. */
    public static final int STATES_WITH_CITIES = 52;

    private static final long UNITED_STATES = 331_000_000;
    private static final String[] BEFORE = {
        "", "North ", "South ", "East ", "West ", "New ", "Lake ", "Fort ", "Port ", "Mount ", "Upper ", "Lower ",
        "Glen ", "Old ", "Saint ", "Cape ", "Little ", "Grand ", "Point ", "Royal "
    };

    /**
     * A state as CMS writes it.
     *
     * @param fips null for military, foreign and unknown
     */
    public record State(
            int index,
            String code,
            @Nullable String fips,
            String name,
            byte[] encodedCode,
            byte @Nullable [] encodedFips) {}

    public record City(
            State state, String name, String county, int population, byte[] encodedName, byte[] encodedZip) {}

    private final List<State> states = new ArrayList<>();
    private final List<List<City>> cities = new ArrayList<>();
    private final Weighted shares;

    public Places(int cityRows) {
        List<String[]> lines = WordList.fields("states.txt", 5);
        shares = new Weighted(
                lines.stream().mapToDouble(line -> Double.parseDouble(line[3])).toArray());
        List<String> names = WordList.lines("places.txt");
        List<String> counties = WordList.lines("surnames.txt");
        for (String[] line : lines) {
            String fips = line[1].isEmpty() ? null : line[1];
            byte[] encodedFips = CopyText.encodeOrNull(fips);
            State state = new State(states.size(), line[0], fips, line[2], CopyText.encode(line[0]), encodedFips);
            boolean hasCities = state.index() < STATES_WITH_CITIES;
            int count = hasCities ? (int) Math.max(1, Math.round(cityRows * shares.share(state.index()))) : 1;
            states.add(state);
            cities.add(citiesOf(state, line[4], count, names, counties));
        }
    }

    List<State> states() {
        return states;
    }

    /** The part of all prescribers that practise in a state. */
    double share(State state) {
        return shares.share(state.index());
    }

    public State state(SplittableRandom random) {
        return states.get(shares.pick(random));
    }

    /** A city of a state, large ones more often. */
    public City city(State state, SplittableRandom random) {
        List<City> all = cities.get(state.index());
        double at = random.nextDouble();
        return all.get((int) (all.size() * at * at * at));
    }

    /** What the table of cities holds: the 50 states, DC and PR. */
    public List<City> cityRows() {
        return cities.subList(0, STATES_WITH_CITIES).stream()
                .flatMap(List::stream)
                .toList();
    }

    private List<City> citiesOf(State state, String largest, int count, List<String> names, List<String> counties) {
        List<City> all = new ArrayList<>(count);
        double weights = Math.log(count) + 0.6;
        for (int i = 0; i < count; i++) {
            int at = i + state.index() * 7;
            String name = i == 0 ? largest : BEFORE[i / names.size()] + names.get(at % names.size());
            // two cities of one name in a state lie in different counties
            String county = i > 0 && name.equals(largest) ? "Old " + largest : counties.get(at * 31 % counties.size());
            int population = (int) Math.max(60, UNITED_STATES * share(state) / weights / (i + 1));
            byte[] zip = CopyText.encode(String.format("%05d", 501 + state.index() * 1600 + i % 1500));
            all.add(new City(state, name, county, population, CopyText.encode(name), zip));
        }
        return all;
    }
}
