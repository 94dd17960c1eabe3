package headwater.capture.partd.generate;

import java.util.SplittableRandom;

/** How many drugs each prescriber of a chunk has: skewed as in the CMS files, with an exact sum. */
final class DrugCounts {

    /**
     * Log-normal counts from 1 to {@code most} that add up to {@code rows}.
     *
     * @param prescribers at most {@code rows} and at least {@code rows / most}
     */
    static int[] of(int rows, int prescribers, int most, SplittableRandom random) {
        double[] weights = new double[prescribers];
        double sum = 0;
        for (int i = 0; i < prescribers; i++) {
            weights[i] = Math.exp(random.nextGaussian());
            sum += weights[i];
        }
        int[] counts = new int[prescribers];
        int left = rows;
        for (int i = 0; i < prescribers; i++) {
            counts[i] = Math.min(most, 1 + (int) (weights[i] / sum * (rows - prescribers)));
            left -= counts[i];
        }
        for (int i = 0; left > 0; i = (i + 1) % prescribers) {
            if (counts[i] < most) {
                counts[i]++;
                left--;
            }
        }
        return counts;
    }

    private DrugCounts() {}
}
