package headwater.publish.bench.backfill;

import java.time.Duration;
import java.util.Locale;

/**
 * What a side took.
 *
 * @param time from the start of its JVM to the end; of the copy, which runs in this JVM, from its first query
 * @param parts its commands
 * @param carried all rows of the source
 * @param client CPU of its JVMs
 * @param servers CPU of the servers
 * @param peakBytes the most memory that one of its JVMs held
 * @param storedBytes in raw, or in what the side has for it
 */
record BackfillFigures(
        Side side,
        Duration time,
        String parts,
        DiscardedCopy carried,
        Duration client,
        CpuTimes servers,
        long peakBytes,
        long storedBytes) {

    double seconds() {
        return seconds(time);
    }

    @Override
    public String toString() {
        return String.format(
                        Locale.ROOT,
                        "%-5s %.1f s: %,d rows, %,.0f rows/s, %.1f MB/s of COPY bytes; CPU s: JVM %.1f, PostgreSQL %.1f,"
                                + " S3Proxy %.1f, MySQL %.1f; RSS %,d MiB; %.1f MB in raw",
                        side,
                        seconds(),
                        carried.rows(),
                        carried.rows() / seconds(),
                        carried.bytes() / 1e6 / seconds(),
                        seconds(client),
                        seconds(servers.postgres()),
                        seconds(servers.s3()),
                        seconds(servers.mySql()),
                        peakBytes >> 20,
                        storedBytes / 1e6)
                + (parts.isEmpty() ? "" : "; " + parts);
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
