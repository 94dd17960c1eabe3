package headwater.capture.load;

import java.util.List;

/** The files that CMS publishes, and the table of US cities: where their rows go and by what a row is known again. */
enum CmsDataset {
    /** Medicare Part D Prescribers, by Provider and Drug. */
    PRESCRIBER_DRUG("prescriber_drug", true, true, "prscrbr_npi", "brnd_name", "gnrc_name"),
    /** Medicare Part D Prescribers, by Provider. */
    PRESCRIBER("prescriber", true, true, "prscrbr_npi"),
    /** Medicare Part D Prescribers, by Geography and Drug; its rows have no unique key, geography codes may be null. */
    DRUG("drug", true, false, "prscrbr_geo_lvl", "prscrbr_geo_cd", "prscrbr_geo_desc", "brnd_name", "gnrc_name"),
    /** US cities with their states and counties; of no year. */
    STATE("state", false, true, "city", "state_id", "county_name");

    private final String table;
    private final boolean yearly;
    private final boolean unique;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> key;

    CmsDataset(String table, boolean yearly, boolean unique, String... key) {
        this.table = table;
        this.yearly = yearly;
        this.unique = unique;
        this.key = List.of(key);
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
    String qualified() {
        return "cms." + table;
    }

    boolean yearly() {
        return yearly;
    }

    /** Whether the table refuses a second row of one key. */
    boolean unique() {
        return unique;
    }

    /** The columns that, with the year, tell one row from another. */
    List<String> key() {
        return key;
    }
}
