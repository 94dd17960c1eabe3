package headwater.publish.report;

import headwater.lake.contract.Lsn;
import headwater.lake.process.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * How current a page is.
 *
 * @param lsn everything that the source committed up to here is in the figures
 * @param committedAt when MySQL had it, ISO-8601, UTC
 * @param committed the same for people
 * @param age since then, in words
 * @param moving where a large publication is on its way: the figures mix what is and what comes; else empty
 * @param stale whether the publication is older than the pipeline allows
 */
record Freshness(String lsn, String committedAt, String committed, String age, String moving, boolean stale) {
    private static final DateTimeFormatter FOR_PEOPLE = DateTimeFormatter.ofPattern(
                    "d MMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    static Freshness of(Published publication, Duration staleAfter, Instant now) {
        Duration age = Duration.between(publication.committedAt(), now);
        return new Freshness(
                publication.lsn().toString(),
                publication.committedAt().toString(),
                FOR_PEOPLE.format(publication.committedAt()),
                DurationText.rounded(age) + " ago",
                publication.target().map(Lsn::toString).orElse(""),
                age.compareTo(staleAfter) > 0);
    }
}
