package headwater.publish.bench.capture;

import java.util.List;
import java.util.Locale;

/**
 * A straight line through measured values by least squares.
 *
 * @param mean of the values
 * @param perMinute how much the line rises
 * @param minutes from the first value to the last
 */
record Slope(double mean, double perMinute, double minutes) {

    /**
     * One measured value.
     *
     * @param second when
     */
    record Point(double second, double value) {}

    /** Through at least two points at different times, in their order. */
    static Slope of(List<Point> points) {
        double meanSecond = points.stream().mapToDouble(Point::second).average().orElseThrow();
        double mean = points.stream().mapToDouble(Point::value).average().orElseThrow();
        double together = 0;
        double spread = 0;
        for (Point point : points) {
            double away = point.second() - meanSecond;
            together += away * (point.value() - mean);
            spread += away * away;
        }
        double minutes = (points.get(points.size() - 1).second() - points.get(0).second()) / 60;
        return new Slope(mean, together / spread * 60, minutes);
    }

    /** How much the line rises from the first value to the last, in per cent of the mean. */
    double drift() {
        return perMinute * minutes / mean * 100;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "mean %.1f, slope %+.3f a minute, %+.1f %% of the mean over %.1f minutes",
                mean,
                perMinute,
                drift(),
                minutes);
    }
}
