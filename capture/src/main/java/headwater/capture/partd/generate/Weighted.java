package headwater.capture.partd.generate;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Picks one of n choices by weight in constant time: Walker's alias method. */
public final class Weighted {
    private final double[] keep;
    private final int[] alias;
    private final double[] share;

    public Weighted(double... weights) {
        int count = weights.length;
        double sum = Arrays.stream(weights).sum();
        share = Arrays.stream(weights).map(weight -> weight / sum).toArray();
        keep = Arrays.stream(share).map(part -> part * count).toArray();
        alias = new int[count];
        int[] small = new int[count];
        int[] large = new int[count];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < count; i++) {
            if (keep[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int poor = small[--smalls];
            int rich = large[larges - 1];
            alias[poor] = rich;
            keep[rich] -= 1 - keep[poor];
            if (keep[rich] < 1) {
                larges--;
                small[smalls++] = rich;
            }
        }
        // what is left is 1 but for rounding
        while (smalls > 0) {
            keep[small[--smalls]] = 1;
        }
    }

    public int pick(SplittableRandom random) {
        double at = random.nextDouble() * keep.length;
        int choice = (int) at;
        return at - choice < keep[choice] ? choice : alias[choice];
    }

    /** The probability of a choice. */
    double share(int choice) {
        return share[choice];
    }

    int size() {
        return share.length;
    }
}
