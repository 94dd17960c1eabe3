package headwater.capture.partd.generate;

import headwater.capture.partd.source.CopyText;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The counts and amounts of one prescriber and drug, drawn from the distributions of the CMS file of 2020. One instance
 * is rolled again for every row. Money is in cents, fills in tenths.
 */
final class DrugClaims {
    /** Counts of one to ten are not published: the details are null and a flag says why. */
    static final int FEWEST_SHOWN = 11;

    private static final Quantiles CLAIMS =
            new Quantiles(0, 11, 0.25, 15.6, 0.5, 24.5, 0.75, 48.5, 0.9, 107.5, 0.99, 396.5, 0.999, 1_200, 1, 9_000);
    private static final Quantiles COST = new Quantiles(
            0, 3, 0.02, 35, 0.25, 244, 0.5, 657, 0.75, 2_259, 0.9, 6_899, 0.99, 53_665, 0.999, 250_000, 1, 3_000_000);
    private static final Quantiles DAYS_PER_CLAIM =
            new Quantiles(0, 3, 0.08, 10, 0.25, 28, 0.3, 30, 0.5, 34, 0.75, 52, 0.9, 71, 1, 90);
    private static final Quantiles CLAIMS_PER_BENEFICIARY =
            new Quantiles(0, 1, 0.1, 1.1, 0.25, 1.75, 0.5, 3.2, 0.75, 4.6, 1, 12);

    /** Weights of what two costs share: the claims and the drug's price; the rest is the row's own. */
    private static final double BY_CLAIMS = 0.55;

    private static final double BY_PRICE = 0.65;
    private static final double BY_ROW = Math.sqrt(1 - BY_CLAIMS * BY_CLAIMS - BY_PRICE * BY_PRICE);

    private static final byte[] PRIMARY = CopyText.encode("*");
    private static final byte[] COUNTER = CopyText.encode("#");

    int claims;
    long fills;
    int days;
    long cost;
    int beneficiaries;
    int olderClaims;
    long olderFills;
    int olderDays;
    long olderCost;
    int olderBeneficiaries;

    void roll(double priceScore, SplittableRandom random) {
        double score = random.nextGaussian();
        claims = (int) CLAIMS.atScore(score);
        cost = Math.round(
                100 * COST.atScore(BY_CLAIMS * score + BY_PRICE * priceScore + BY_ROW * random.nextGaussian()));
        double daysPerClaim = DAYS_PER_CLAIM.atScore(random.nextGaussian());
        days = (int) Math.max(claims, claims * daysPerClaim);
        fills = Math.max(claims * 10L, Math.round(days / 3.0));
        beneficiaries = (int) Math.max(1, claims / CLAIMS_PER_BENEFICIARY.atScore(random.nextGaussian()));
        rollOlder(random);
    }

    /** Those of 65 and more: none in some rows, all in others. */
    private void rollOlder(SplittableRandom random) {
        double at = random.nextDouble();
        double part = at < 0.05 ? 0 : at < 0.3 ? 1 : 0.25 + 0.75 * Math.sqrt(random.nextDouble());
        olderClaims = (int) Math.round(claims * part);
        double exact = (double) olderClaims / claims;
        olderFills = Math.round(fills * exact);
        olderDays = (int) Math.round(days * exact);
        olderCost = Math.round(cost * exact);
        olderBeneficiaries = (int) Math.round(beneficiaries * exact);
    }

    /** The columns from tot_clms to ge65_tot_benes of cms.prescriber_drug. */
    void writeTo(CopyText out, Flaw flaw) {
        (flaw == Flaw.NO_CLAIMS ? out.absent() : out.number(flaw == Flaw.NEGATIVE_CLAIMS ? -claims : claims))
                .tenths(fills)
                .number(days);
        (flaw == Flaw.NO_COST ? out.absent() : out.cents(flaw == Flaw.NEGATIVE_COST ? -cost : cost))
                .numberIf(beneficiaries >= FEWEST_SHOWN, beneficiaries);
        byte @Nullable [] flag = suppression(olderClaims, claims);
        out.text(flag).numberIf(flag == null, olderClaims);
        (flag == null ? out.tenths(olderFills) : out.absent())
                .centsIf(flag == null, olderCost)
                .numberIf(flag == null, olderDays);
        byte @Nullable [] people = flag != null ? flag : peopleSuppression();
        out.text(people).numberIf(people == null, olderBeneficiaries);
    }

    /** Primary for one to ten, counter where the difference to the total would tell one to ten, else null. */
    static byte @Nullable [] suppression(long part, long whole) {
        if (part > 0 && part < FEWEST_SHOWN) {
            return PRIMARY;
        }
        return whole > part && whole - part < FEWEST_SHOWN ? COUNTER : null;
    }

    private byte @Nullable [] peopleSuppression() {
        if (beneficiaries < FEWEST_SHOWN) {
            return olderBeneficiaries == 0 ? null : PRIMARY;
        }
        return suppression(olderBeneficiaries, beneficiaries);
    }
}
