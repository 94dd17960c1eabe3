package headwater.capture.partd.generate;

import headwater.capture.partd.generate.Drugs.Drug;
import headwater.capture.partd.generate.Places.City;
import headwater.capture.partd.generate.Prescriber.Rurality;
import headwater.capture.partd.source.CopyText;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The rows of cms.prescriber and cms.prescriber_drug, chunk by chunk. A chunk depends on the seed, the year, the size and
 * its number alone, so any thread may make any chunk. One instance serves one thread.
 */
final class PartDRows {
    static final String COLUMNS = "id, year, prscrbr_npi, prscrbr_last_org_name, prscrbr_first_name, prscrbr_city, "
            + "prscrbr_state_abrvtn, prscrbr_state_fips, prscrbr_type, prscrbr_type_src, brnd_name, "
            + "gnrc_name, tot_clms, tot_30day_fills, tot_day_suply, tot_drug_cst, tot_benes, ge65_sprsn_flag, "
            + "ge65_tot_clms, ge65_tot_30day_fills, ge65_tot_drug_cst, ge65_tot_day_suply, "
            + "ge65_bene_sprsn_flag, ge65_tot_benes";

    private static final int ONE_FLAW_IN = 1_000;
    private static final byte[] BLANK = CopyText.encode("  ");

    private final PartDSize size;
    private final PartDShape shape;
    private final int year;
    private final long firstRowId;
    private final long firstPrescriberId;
    private final DrugClaims claims = new DrugClaims();
    private final PrescriberTotals totals = new PrescriberTotals();
    /** Number of the prescriber that took a drug last: who takes one twice must take another. */
    private final int[] taken;

    /**
     * @param firstRowId id of the first row of cms.prescriber_drug
     * @param firstPrescriberId id of the first row of cms.prescriber
     */
    PartDRows(PartDShape shape, int year, long firstRowId, long firstPrescriberId) {
        this.size = shape.size();
        this.shape = shape;
        this.year = year;
        this.firstRowId = firstRowId;
        this.firstPrescriberId = firstPrescriberId;
        this.taken = new int[shape.drugs().size()];
    }

    /** Appends the rows of one chunk: its prescribers, and their drug rows. */
    void write(int chunk, CopyText prescribers, CopyText drugRows) {
        SplittableRandom who = shape.seed().stream("prescribers", chunk);
        SplittableRandom what = shape.seed().stream("claims " + year, chunk);
        int[] counts = DrugCounts.of(size.rows(chunk), size.prescribing(chunk), mostDrugs(), who);
        long rowId = firstRowId + size.firstRow(chunk);
        for (int i = 0; i < size.prescribers(chunk); i++) {
            int number = size.firstPrescriber(chunk) + i;
            Prescriber prescriber = shape.prescribers().next(who, number);
            totals.clear();
            int rows = i < counts.length ? counts[i] : 0;
            writeDrugRows(prescriber, number + 1, rows, rowId, what, drugRows);
            rowId += rows;
            if (rows == 0) {
                // prescribes, but no drug often enough to be published
                roll(shape.drugs().pick(what), what);
            }
            long npi = what.nextInt(ONE_FLAW_IN) == 0 ? Npi.broken(prescriber.npi()) : prescriber.npi();
            prescribers.number(firstPrescriberId + number).number(year);
            prescriber.writeTo(prescribers, npi, Rurality.of(prescriber));
            totals.writeTo(prescribers, what);
            prescribers.endRow();
        }
    }

    private void writeDrugRows(
            Prescriber prescriber, int mark, int rows, long firstId, SplittableRandom random, CopyText out) {
        boolean flawed = false;
        for (int i = 0; i < rows; i++) {
            int pick = untaken(mark, random);
            Drug drug = roll(pick, random);
            // at most one a prescriber, so that two blank brands never meet in the unique key
            Flaw flaw = !flawed && random.nextInt(ONE_FLAW_IN) == 0 ? Flaw.any(random.nextInt()) : Flaw.NONE;
            flawed |= flaw != Flaw.NONE;
            City elsewhere = prescriber.elsewhere() != null && random.nextInt(5) == 0 ? prescriber.elsewhere() : null;
            out.number(firstId + i).number(year);
            writeNames(prescriber, elsewhere, flaw, out);
            boolean untidy = random.nextInt(500) == 0;
            out.text(flaw == Flaw.BLANK_BRAND ? BLANK : untidy ? spaced(drug.brand()) : drug.encodedBrand());
            out.text(flaw == Flaw.NO_GENERIC ? null : drug.encodedGeneric());
            claims.writeTo(out, flaw);
            out.endRow();
        }
    }

    private Drug roll(int pick, SplittableRandom random) {
        Drug drug = shape.drugs().drug(pick);
        claims.roll(drug.priceScore(), random);
        totals.add(drug, claims);
        return drug;
    }

    private static void writeNames(Prescriber prescriber, @Nullable City elsewhere, Flaw flaw, CopyText out) {
        City city = elsewhere == null ? prescriber.city() : elsewhere;
        out.number(flaw == Flaw.WRONG_CHECK_DIGIT ? Npi.broken(prescriber.npi()) : prescriber.npi())
                .text(prescriber.lastName())
                .text(prescriber.firstName())
                .text(city.encodedName())
                .text(elsewhere == null ? prescriber.state() : city.state().encodedCode())
                .text(city.state().encodedFips())
                .text(flaw == Flaw.NO_SPECIALTY ? null : flaw == Flaw.BLANK_SPECIALTY ? BLANK : prescriber.specialty())
                .text(prescriber.specialtySource());
    }

    /** A drug that this prescriber has no row of yet: by popularity, or the next free one after many tries. */
    private int untaken(int mark, SplittableRandom random) {
        int pick = shape.drugs().pick(random);
        for (int tries = 0; taken[pick] == mark; tries++) {
            pick = tries < 50 ? shape.drugs().pick(random) : (pick + 1) % taken.length;
        }
        taken[pick] = mark;
        return pick;
    }

    private int mostDrugs() {
        return Math.min(500, taken.length / 2);
    }

    private static byte[] spaced(String text) {
        return CopyText.encode(text + " ");
    }
}
