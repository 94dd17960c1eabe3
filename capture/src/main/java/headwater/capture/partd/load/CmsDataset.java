package headwater.capture.partd.load;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The files that CMS publishes, and the table of US cities: where their rows go and by what a row is known again. */
public enum CmsDataset {
    /** Medicare Part D Prescribers, by Provider and Drug. */
    PRESCRIBER_DRUG("prescriber_drug", true, "prscrbr_npi", "brnd_name", "gnrc_name"),
    /** Medicare Part D Prescribers, by Provider. */
    PRESCRIBER("prescriber", true, "prscrbr_npi"),
    /** Medicare Part D Prescribers, by Geography and Drug; its rows have no unique key, geography codes may be null. */
    DRUG("drug", true, "prscrbr_geo_lvl", "prscrbr_geo_cd", "prscrbr_geo_desc", "brnd_name", "gnrc_name"),
    /** US cities with their states and counties; of no year. */
    STATE("state", false, "city", "state_id", "county_name");

    private final String table;
    private final boolean yearly;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> key;

    CmsDataset(String table, boolean yearly, String... key) {
        this.table = table;
        this.yearly = yearly;
        this.key = List.of(key);
    }

    /** The dataset whose key columns are all among the names: of several the one with the most. */
    static Optional<CmsDataset> of(Collection<String> names) {
        return Arrays.stream(values())
                .filter(dataset -> names.containsAll(dataset.key))
                .max(Comparator.comparingInt(dataset -> dataset.key.size()));
    }

    /** As picocli shows and takes it. */
    @Override
    public String toString() {
        return table.replace('_', '-');
    }

    String table() {
        return table;
    }

    /** For SQL and messages. */
    public String qualified() {
        return "cms." + table;
    }

    public boolean yearly() {
        return yearly;
    }

    /** The columns that, with the year, tell one row from another. */
    List<String> key() {
        return key;
    }
}
