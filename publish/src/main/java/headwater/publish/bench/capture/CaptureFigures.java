package headwater.publish.bench.capture;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a run took.
 *
 * @param time from the first change that counts to the last one that arrived
 * @param cpu of the process in that time
 * @param peakBytes the most memory that the process held since its start
 * @param heap the most MiB of the heap that were in use at once
 * @param live the most MiB that were still in use after a collection
 * @param commits none for the bare engine
 */
record CaptureFigures(
        long events, Duration time, Duration cpu, long peakBytes, long heap, long live, List<CommitLine> commits) {

    double perSecond() {
        return events / (time.toNanos() / 1e9);
    }

    double cpuPerMillion() {
        return cpu.toNanos() / 1e9 / events * 1e6;
    }

    long peakMebibytes() {
        return peakBytes >> 20;
    }

    /** Of the time that commits took, in milliseconds. */
    double commitPercentile(int percent) {
        long[] sorted =
                commits.stream().mapToLong(CommitLine::tookMillis).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,d events in %.1f s: %,.0f events/s, CPU %.1f s per million, heap %d MiB at most, %d MiB after a collection, RSS %d MiB",
                events,
                time.toNanos() / 1e9,
                perSecond(),
                cpuPerMillion(),
                heap,
                live,
                peakMebibytes());
    }
}
