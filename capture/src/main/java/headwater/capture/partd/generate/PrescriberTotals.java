package headwater.capture.partd.generate;

import headwater.capture.partd.generate.Drugs.Drug;
import headwater.capture.partd.source.CopyText;
import java.util.SplittableRandom;

/** What one prescriber's rows add up to, and the columns of cms.prescriber that follow from it. */
final class PrescriberTotals {
    /** All columns of cms.prescriber in the order in which they are written. */
    static final String COLUMNS =
            "id, year, prscrbr_npi, prscrbr_last_org_name, prscrbr_first_name, prscrbr_mi, prscrbr_crdntls, "
                    + "prscrbr_gndr, prscrbr_ent_cd, prscrbr_st1, prscrbr_st2, prscrbr_city, prscrbr_state_abrvtn, "
                    + "prscrbr_state_fips, prscrbr_zip5, prscrbr_ruca, prscrbr_ruca_desc, prscrbr_cntry, "
                    + "prscrbr_type, prscrbr_type_src, tot_clms, tot_30day_fills, tot_drug_cst, tot_day_suply, "
                    + "tot_benes, ge65_sprsn_flag, ge65_tot_clms, ge65_tot_30day_fills, ge65_tot_drug_cst, "
                    + "ge65_tot_day_suply, ge65_bene_sprsn_flag, ge65_tot_benes, brnd_sprsn_flag, brnd_tot_clms, "
                    + "brnd_tot_drug_cst, gnrc_sprsn_flag, gnrc_tot_clms, gnrc_tot_drug_cst, othr_sprsn_flag, "
                    + "othr_tot_clms, othr_tot_drug_cst, mapd_sprsn_flag, mapd_tot_clms, mapd_tot_drug_cst, "
                    + "pdp_sprsn_flag, pdp_tot_clms, pdp_tot_drug_cst, lis_sprsn_flag, lis_tot_clms, lis_drug_cst, "
                    + "nonlis_sprsn_flag, nonlis_tot_clms, nonlis_drug_cst, opioid_tot_clms, opioid_tot_drug_cst, "
                    + "opioid_tot_suply, opioid_tot_benes, opioid_prscrbr_rate, opioid_la_tot_clms, "
                    + "opioid_la_tot_drug_cst, opioid_la_tot_suply, opioid_la_tot_benes, opioid_la_prscrbr_rate, "
                    + "antbtc_tot_clms, antbtc_tot_drug_cst, antbtc_tot_benes, antpsyct_ge65_sprsn_flag, "
                    + "antpsyct_ge65_tot_clms, antpsyct_ge65_tot_drug_cst, antpsyct_ge65_bene_suprsn_flag, "
                    + "antpsyct_ge65_tot_benes, bene_avg_age, bene_age_lt_65_cnt, bene_age_65_74_cnt, "
                    + "bene_age_75_84_cnt, bene_age_gt_84_cnt, bene_feml_cnt, bene_male_cnt, bene_race_wht_cnt, "
                    + "bene_race_black_cnt, bene_race_api_cnt, bene_race_hspnc_cnt, bene_race_natind_cnt, "
                    + "bene_race_othr_cnt, bene_dual_cnt, bene_ndual_cnt, bene_avg_risk_scre";

    private static final int FEWEST_SHOWN = DrugClaims.FEWEST_SHOWN;

    /** Claims with their amounts: of all drugs or of one kind of drug. */
    private static final class Part {
        long claims;
        long fills;
        long cost;
        long days;

        void add(long moreClaims, long moreFills, long moreCost, long moreDays) {
            claims += moreClaims;
            fills += moreFills;
            cost += moreCost;
            days += moreDays;
        }

        void clear() {
            claims = fills = cost = days = 0;
        }
    }

    private final Part all = new Part();
    private final Part older = new Part();
    private final Part brand = new Part();
    private final Part opioid = new Part();
    private final Part longActing = new Part();
    private final Part antibiotic = new Part();
    private final Part olderAntipsychotic = new Part();

    void clear() {
        for (Part part : new Part[] {all, older, brand, opioid, longActing, antibiotic, olderAntipsychotic}) {
            part.clear();
        }
    }

    void add(Drug drug, DrugClaims row) {
        all.add(row.claims, row.fills, row.cost, row.days);
        older.add(row.olderClaims, row.olderFills, row.olderCost, row.olderDays);
        if (drug.branded()) {
            brand.add(row.claims, row.fills, row.cost, row.days);
        }
        if (drug.is('O')) {
            opioid.add(row.claims, row.fills, row.cost, row.days);
        }
        if (drug.is('L')) {
            longActing.add(row.claims, row.fills, row.cost, row.days);
        }
        if (drug.is('B')) {
            antibiotic.add(row.claims, row.fills, row.cost, row.days);
        }
        if (drug.is('P')) {
            olderAntipsychotic.add(row.olderClaims, row.olderFills, row.olderCost, row.olderDays);
        }
    }

    /** The columns from tot_clms to bene_avg_risk_scre. */
    void writeTo(CopyText out, SplittableRandom random) {
        long people = Math.max(1, Math.round(all.claims / (3 + 5 * random.nextDouble())));
        out.number(all.claims)
                .tenths(all.fills)
                .cents(all.cost)
                .number(all.days)
                .numberIf(people >= FEWEST_SHOWN, people);
        writeOlder(out, people);
        long otherClaims = all.claims / 100;
        long otherCost = all.cost / 200;
        long brandClaims = Math.min(brand.claims, all.claims - otherClaims);
        long brandCost = Math.min(brand.cost, all.cost - otherCost);
        split(out, brandClaims, brandCost);
        split(out, all.claims - otherClaims - brandClaims, all.cost - otherCost - brandCost);
        split(out, otherClaims, otherCost);
        halves(out, random.nextDouble());
        halves(out, random.nextDouble());
        opioids(out, opioid, all, people);
        opioids(out, longActing, opioid, people);
        kind(out, antibiotic, people);
        byte[] flag = DrugClaims.suppression(olderAntipsychotic.claims, all.claims);
        out.text(flag).numberIf(flag == null, olderAntipsychotic.claims).centsIf(flag == null, olderAntipsychotic.cost);
        long olderPeople = patients(olderAntipsychotic, people);
        byte[] hidden = flag != null ? flag : DrugClaims.suppression(olderPeople, Long.MAX_VALUE);
        out.text(hidden).numberIf(hidden == null, olderPeople);
        writePeople(out, people, random);
    }

    private void writeOlder(CopyText out, long people) {
        byte[] flag = DrugClaims.suppression(older.claims, all.claims);
        out.text(flag).numberIf(flag == null, older.claims);
        (flag == null ? out.tenths(older.fills) : out.absent())
                .centsIf(flag == null, older.cost)
                .numberIf(flag == null, older.days);
        long olderPeople = people * older.claims / all.claims;
        byte[] hidden = flag != null ? flag : DrugClaims.suppression(olderPeople, people);
        out.text(hidden).numberIf(hidden == null, olderPeople);
    }

    /** Flag, claims and cost of two parts that make up the whole. */
    private void halves(CopyText out, double at) {
        long claims = Math.round(all.claims * at);
        long cost = Math.round(all.cost * at);
        split(out, claims, cost);
        split(out, all.claims - claims, all.cost - cost);
    }

    private void split(CopyText out, long claims, long cost) {
        byte[] flag = DrugClaims.suppression(claims, all.claims);
        out.text(flag).numberIf(flag == null, claims).centsIf(flag == null, cost);
    }

    /** Claims, cost, supply, beneficiaries and the rate in percent; few claims are blank without a flag. */
    private static void opioids(CopyText out, Part part, Part whole, long people) {
        boolean shown = shown(part.claims);
        long patients = patients(part, people);
        out.numberIf(shown, part.claims)
                .centsIf(shown, part.cost)
                .numberIf(shown, part.days)
                .numberIf(shown && shown(patients), patients)
                .centsIf(shown && whole.claims > 0, whole.claims == 0 ? 0 : 10_000 * part.claims / whole.claims);
    }

    private static void kind(CopyText out, Part part, long people) {
        boolean shown = shown(part.claims);
        long patients = patients(part, people);
        out.numberIf(shown, part.claims).centsIf(shown, part.cost).numberIf(shown && shown(patients), patients);
    }

    private static void writePeople(CopyText out, long people, SplittableRandom random) {
        boolean shown = people >= FEWEST_SHOWN;
        out.numberIf(shown, 60 + random.nextInt(22));
        parts(out, people, 18, 42, 28, 12);
        long women = Math.round(people * (0.4 + 0.3 * random.nextDouble()));
        counts(out, people, women, people - women);
        parts(out, people, 74, 10, 4, 9, 1, 2);
        long both = Math.round(people * random.nextDouble() * 0.6);
        counts(out, people, both, people - both);
        if (shown) {
            out.tenThousandths(6_000 + random.nextInt(20_000));
        } else {
            out.absent();
        }
    }

    /** Counts by percent; the first takes what rounding leaves. */
    private static void parts(CopyText out, long people, int... percents) {
        long[] counts = new long[percents.length];
        long rest = people;
        for (int i = 1; i < percents.length; i++) {
            counts[i] = people * percents[i] / 100;
            rest -= counts[i];
        }
        counts[0] = rest;
        counts(out, people, counts);
    }

    private static void counts(CopyText out, long people, long... counts) {
        for (long count : counts) {
            out.numberIf(shown(people) && shown(count), count);
        }
    }

    /** How many of the people had claims of a kind. */
    private static long patients(Part part, long people) {
        return Math.min(people, (part.claims + 2) / 3);
    }

    /** A true zero is published, one to ten are not. */
    private static boolean shown(long count) {
        return count == 0 || count >= FEWEST_SHOWN;
    }
}
