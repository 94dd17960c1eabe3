package headwater.capture.partd.generate;

/**
 * A distribution given by some of its quantiles, exponential between them: what skewed counts and amounts look like.
 * Also read by standard normal score, so that correlated normal scores become correlated values of these distributions.
 */
final class Quantiles {
    private static final double FARTHEST = 5;
    private static final int STEPS = 400;
    private static final double[] NORMAL = normal();

    private final double[] points;
    private final double[] byScore = new double[NORMAL.length];

    /** @param points probability and positive value in turn, from probability 0 to 1 */
    Quantiles(double... points) {
        this.points = points;
        for (int i = 0; i < byScore.length; i++) {
            byScore[i] = at(NORMAL[i]);
        }
    }

    /** The value that the given part of all values, 0 to 1, lies below. */
    double at(double probability) {
        int upper = 2;
        while (upper < points.length - 2 && points[upper] < probability) {
            upper += 2;
        }
        double part = (probability - points[upper - 2]) / (points[upper] - points[upper - 2]);
        double low = points[upper - 1];
        return low * Math.pow(points[upper + 1] / low, Math.min(1, Math.max(0, part)));
    }

    /** The value at a standard normal score. */
    double atScore(double score) {
        double at = (Math.max(-FARTHEST, Math.min(FARTHEST, score)) + FARTHEST) * STEPS;
        int below = Math.min((int) at, byScore.length - 2);
        return byScore[below] + (at - below) * (byScore[below + 1] - byScore[below]);
    }

    /** The standard normal score that the given part of all scores, 0 to 1, lies below. */
    static double score(double probability) {
        int low = 0;
        int high = NORMAL.length - 1;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (NORMAL[middle] < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (double) high / STEPS - FARTHEST;
    }

    /** The normal distribution function from -5 to 5, by the trapezoid rule over its density. */
    private static double[] normal() {
        double[] part = new double[(int) (2 * FARTHEST * STEPS) + 1];
        for (int i = 1; i < part.length; i++) {
            part[i] = part[i - 1] + (density(i - 1) + density(i)) / (2 * STEPS);
        }
        return part;
    }

    private static double density(int step) {
        double score = (double) step / STEPS - FARTHEST;
        return Math.exp(-score * score / 2) / Math.sqrt(2 * Math.PI);
    }
}
