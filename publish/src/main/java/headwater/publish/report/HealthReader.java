package headwater.publish.report;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.publish.HopStatus;
import headwater.publish.PassHistory;
import headwater.publish.PipelineStatus;
import headwater.publish.RejectedRows;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pipeline's state for its page: one look at a time and one in a few seconds, whoever asks, for a look costs all
 * hops. A page never waits for a hop that does not answer.
 */
final class HealthReader {
    private static final Duration BETWEEN = Duration.ofSeconds(3);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final List<String> HOPS = List.of("source", "raw", "cleansed", "curated", "mysql");
    private static final Map<String, String> NAMES = Map.of(
            "source", "PostgreSQL", "raw", "Raw", "cleansed", "Cleansed", "curated", "Curated", "mysql", "MySQL");

    private final Pipeline pipeline;
    private final RejectedRows rejected;
    private final PassHistory passes;
    private volatile @Nullable Health last;
    private Instant readAt = Instant.EPOCH;
    private CompletableFuture<?> current = CompletableFuture.completedFuture(0);
    /** Hop to its LSN at the look before, for rates. */
    private Map<String, Lsn> before = new HashMap<>();

    private Instant beforeAt = Instant.EPOCH;

    HealthReader(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.rejected = new RejectedRows(pipeline);
        this.passes = new PassHistory(pipeline);
    }

    /** What the last look showed, and begins the next one; only the first is waited for. Fails where the last one failed. */
    Health read() {
        CompletableFuture<?> looking = lookAgain();
        Health known = last;
        if (known == null || looking.isCompletedExceptionally()) {
            looking.join();
            known = Objects.requireNonNull(last);
        }
        return known;
    }

    private synchronized CompletableFuture<?> lookAgain() {
        if (current.isDone() && !Instant.now().isBefore(readAt.plus(BETWEEN))) {
            readAt = Instant.now();
            current = CompletableFuture.runAsync(this::look);
        }
        return current;
    }

    private void look() {
        PipelineStatus status = PipelineStatus.of(pipeline);
        List<String> problems = new ArrayList<>();
        Map<String, List<HopStatus>> hops = status.hops().stream()
                .collect(Collectors.groupingBy(HopStatus::hop, LinkedHashMap::new, Collectors.toList()));
        status.hops().stream()
                .filter(hop -> !hop.readable())
                .forEach(hop -> problems.add(NAMES.get(hop.hop()) + " " + hop.table() + ": " + hop.problem()));
        // where a store does not answer, its hops are shown without figures
        List<Health.Hop> shown = HOPS.stream()
                .map(hop -> hop(hop, hops.getOrDefault(hop, List.of()), status.takenAt()))
                .toList();
        remember(hops, status.takenAt());
        List<Health.Rejected> rules = tried("rejected rows", problems, this::rejected);
        List<Health.Pass> newest = tried("the last passes", problems, this::passes);
        boolean late = shown.stream().anyMatch(Health.Hop::late);
        last = new Health(
                TIME.format(status.takenAt()),
                problems.isEmpty() ? late ? "behind" : "ok" : "trouble",
                summary(problems, shown),
                shown,
                facts(hops, "source"),
                rules,
                newest,
                facts(hops, "mysql"),
                problems);
    }

    private static String summary(List<String> problems, List<Health.Hop> hops) {
        if (!problems.isEmpty()) {
            return problems.size() == 1 ? "One thing could not be read" : problems.size() + " things could not be read";
        }
        List<String> late =
                hops.stream().filter(Health.Hop::late).map(Health.Hop::name).toList();
        return late.isEmpty() ? "Every hop keeps up" : "Behind: " + String.join(", ", late);
    }

    private Health.Hop hop(String name, List<HopStatus> tables, Instant now) {
        Optional<Lsn> lsn = least(tables);
        Optional<Duration> lag =
                tables.stream().map(HopStatus::lag).filter(Objects::nonNull).max(Comparator.naturalOrder());
        Optional<Long> bytes = tables.stream()
                .map(HopStatus::lagBytes)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
        long rows = tables.stream()
                .map(HopStatus::rows)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
        boolean counted = tables.stream().anyMatch(table -> table.rows() != null);
        return new Health.Hop(
                NAMES.getOrDefault(name, name),
                lsn.map(Lsn::toString).orElse("–"),
                counted ? String.format(Locale.ROOT, "%,d", rows) : "–",
                bytes.map(HealthReader::bytes).orElse("–"),
                lag.map(HealthReader::seconds).orElse("–"),
                lsn.map(at -> rate(name, at, now)).orElse("–"),
                lag.isPresent() && lag.get().compareTo(pipeline.report().staleAfter()) > 0,
                tables.stream().map(HealthReader::table).toList());
    }

    private static Health.Table table(HopStatus table) {
        return new Health.Table(
                table.table(),
                table.lsn() == null ? "–" : table.lsn().toString(),
                table.rows() == null ? "–" : String.format(Locale.ROOT, "%,d", table.rows()),
                table.lagBytes() == null ? "–" : bytes(table.lagBytes()),
                table.lag() == null ? "–" : seconds(table.lag()),
                Objects.requireNonNullElse(table.problem(), ""));
    }

    /** How fast the hop moves through the WAL, since the look before. */
    private String rate(String hop, Lsn at, Instant now) {
        Lsn earlier = before.get(hop);
        double elapsed = Duration.between(beforeAt, now).toMillis() / 1000.0;
        if (earlier == null || elapsed <= 0) {
            return "–";
        }
        return bytes((long) (Math.max(0, at.value() - earlier.value()) / elapsed)) + "/s";
    }

    private void remember(Map<String, List<HopStatus>> hops, Instant now) {
        before = new HashMap<>();
        hops.forEach((name, tables) -> least(tables).ifPresent(lsn -> before.put(name, lsn)));
        beforeAt = now;
    }

    private static Optional<Lsn> least(List<HopStatus> tables) {
        return tables.stream().map(HopStatus::lsn).filter(Objects::nonNull).min(Comparator.naturalOrder());
    }

    private static List<Health.Fact> facts(Map<String, List<HopStatus>> hops, String name) {
        return hops.getOrDefault(name, List.of()).stream()
                .limit(1)
                .flatMap(hop -> hop.details().entrySet().stream())
                .map(fact -> new Health.Fact(fact.getKey(), fact.getValue()))
                .toList();
    }

    private List<Health.Rejected> rejected() {
        return rejected.count().stream()
                .map(count -> new Health.Rejected(
                        count.table(), count.rule(), String.format(Locale.ROOT, "%,d", count.rows())))
                .toList();
    }

    private List<Health.Pass> passes() {
        return passes.newest().stream()
                .map(pass -> new Health.Pass(
                        pass.lsn().toString(),
                        CLOCK.format(pass.endedAt()),
                        seconds(pass.span()),
                        String.valueOf(pass.tables()),
                        bytes(pass.bytes())))
                .toList();
    }

    private static <T> List<T> tried(String what, List<String> problems, Supplier<List<T>> read) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            // the page shows what can be read and says what cannot
            problems.add("The lake, " + what + ": " + Failure.reason(e));
            return List.of();
        }
    }

    private static String bytes(long bytes) {
        if (bytes < 10 * 1024) {
            return bytes + " B";
        }
        return bytes < 10L << 20 ? (bytes >> 10) + " KiB" : String.format(Locale.ROOT, "%,d MiB", bytes >> 20);
    }

    private static String seconds(Duration lag) {
        return String.format(Locale.ROOT, "%,.1f s", lag.toMillis() / 1000.0);
    }
}
