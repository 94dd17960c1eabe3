package headwater.capture.partd.generate;

import headwater.capture.partd.generate.Drugs.Drug;
import headwater.capture.partd.generate.Places.City;
import headwater.capture.partd.generate.Places.State;
import headwater.capture.partd.source.CopyText;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rows of cms.drug, the rows of one pair one after the other, and of cms.state. */
public final class ReferenceRows {
    static final String DRUG_COLUMNS =
            "id, year, prscrbr_geo_lvl, prscrbr_geo_cd, prscrbr_geo_desc, brnd_name, gnrc_name, "
                    + "tot_prscrbrs, tot_clms, tot_30day_fills, tot_drug_cst, tot_benes, ge65_sprsn_flag, "
                    + "ge65_tot_clms, ge65_tot_30day_fills, ge65_tot_drug_cst, ge65_bene_sprsn_flag, ge65_tot_benes, "
                    + "lis_bene_cst_shr, nonlis_bene_cst_shr, opioid_drug_flag, opioid_la_drug_flag, "
                    + "antbtc_drug_flag, antpsyct_drug_flag";

    private static final double CLAIMS_PER_ROW = 62;
    private static final byte[] BLANK = CopyText.encode("  ");
    private static final byte[] YES = CopyText.encode("Y");
    private static final byte[] NO = CopyText.encode("N");

    private final PartDShape shape;

    public ReferenceRows(PartDShape shape) {
        this.shape = shape;
    }

    /** Appends a National row for each pair and rows for the states where it is prescribed most; returns how many. */
    int writeDrugs(int year, long firstId, CopyText out) {
        SplittableRandom random = shape.seed().stream("drug " + year, 0);
        List<State> states = shape.places().states().stream()
                .sorted((a, b) ->
                        Double.compare(shape.places().share(b), shape.places().share(a)))
                .toList();
        double perShare = statesPerShare(states.size());
        int rows = 0;
        for (int i = 0; i < shape.drugs().size(); i++) {
            writeDrug(year, firstId + rows++, i, null, 1, out, random);
            int in = states(i, perShare, states.size());
            for (State state : states.subList(0, in)) {
                writeDrug(year, firstId + rows++, i, state, shape.places().share(state), out, random);
            }
        }
        return rows;
    }

    /** How many rows {@link #writeDrugs} appends. */
    public int drugRows() {
        int most = shape.places().states().size();
        double perShare = statesPerShare(most);
        return IntStream.range(0, shape.drugs().size())
                .map(drug -> 1 + states(drug, perShare, most))
                .sum();
    }

    /** Appends the cities; returns how many. */
    int writeCities(long firstId, CopyText out) {
        int rows = 0;
        for (City city : shape.places().cityRows()) {
            // one in a thousand breaks the rule of the cleansed table
            String code = rows % 997 == 42
                    ? city.state().code().toLowerCase(Locale.ROOT)
                    : city.state().code();
            out.number(firstId + rows++)
                    .text(city.encodedName())
                    .text(rows % 997 == 43 ? code.toLowerCase(Locale.ROOT) : code)
                    .text(city.state().name())
                    .text(city.county())
                    .number(city.population())
                    .endRow();
        }
        return rows;
    }

    /** In how many states a drug has a row: the popular ones in all. */
    private int states(int drug, double perShare, int most) {
        return (int) Math.min(most, perShare * shape.drugs().share(drug));
    }

    /** The factor with which the pairs have as many State rows together as the size asks for, by bisection. */
    private double statesPerShare(int states) {
        double low = 0;
        double high = 1e9;
        for (int step = 0; step < 80; step++) {
            double middle = (low + high) / 2;
            long rows = 0;
            for (int i = 0; i < shape.drugs().size(); i++) {
                rows += states(i, middle, states);
            }
            if (rows < shape.size().drugStateRows()) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private void writeDrug(
            int year, long id, int index, @Nullable State state, double share, CopyText out, SplittableRandom random) {
        Drug drug = shape.drugs().drug(index);
        double prescribers = shape.drugs().share(index) * shape.size().rows() * share;
        long claims = Math.max(11, Math.round(prescribers * CLAIMS_PER_ROW * (0.8 + 0.4 * random.nextDouble())));
        long cost = Math.round(claims * 100 * Math.exp(3.3 + 1.6 * drug.priceScore() + 0.2 * random.nextGaussian()));
        int flaw = random.nextInt(2_000);
        out.number(id)
                .number(year)
                .text(state == null ? "National" : "State")
                .text(state == null ? null : state.encodedFips())
                .text(state == null ? "National" : state.name())
                .text(flaw == 0 ? BLANK : drug.encodedBrand())
                .text(flaw == 1 ? null : drug.encodedGeneric())
                .number(Math.max(1, Math.round(prescribers)))
                .number(claims)
                .tenths(claims * 14)
                .cents(cost);
        writePeople(claims, cost, out);
        out.text(drug.is('O') ? YES : NO)
                .text(drug.is('L') ? YES : NO)
                .text(drug.is('B') ? YES : NO)
                .text(drug.is('P') ? YES : NO)
                .endRow();
    }

    private static void writePeople(long claims, long cost, CopyText out) {
        long people = Math.max(1, claims / 5);
        long older = claims * 4 / 5;
        byte[] flag = DrugClaims.suppression(older, claims);
        out.numberIf(people >= DrugClaims.FEWEST_SHOWN, people).text(flag).numberIf(flag == null, older);
        (flag == null ? out.tenths(older * 14) : out.absent()).centsIf(flag == null, cost * 4 / 5);
        byte[] hidden = flag != null ? flag : DrugClaims.suppression(people * 4 / 5, people);
        out.text(hidden)
                .numberIf(hidden == null, people * 4 / 5)
                .cents(cost / 40)
                .cents(cost / 10);
    }
}
