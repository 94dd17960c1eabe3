package headwater.publish.bench;

import java.util.stream.DoubleStream;

/** The middle of measured values. */
public final class Median {

    /** Of at least one value; between two middle ones, half-way. */
    public static double of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private Median() {}
}
