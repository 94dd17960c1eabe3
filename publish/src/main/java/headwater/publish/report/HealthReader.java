package headwater.publish.report;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.ByteText;
import headwater.lake.process.Failure;
import headwater.publish.delta.PassHistory;
import headwater.publish.delta.RejectedRows;
import headwater.publish.status.HopStatus;
import headwater.publish.status.PipelineStatus;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pipeline's state for its page: one look at a time and one in a few seconds, whoever asks, for a look costs all
 * hops. A page waits some seconds at most for a hop that does not answer.
 */
final class HealthReader {
    private static final Duration BETWEEN = Duration.ofSeconds(3);
    /** So long a page waits for the look that it began: what the last one showed may be hours old. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    /** A look that takes longer meets a hop that does not answer. */
    private static final Duration LONGEST = Duration.ofSeconds(15);

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final List<String> HOPS = List.of("source", "raw", "cleansed", "curated", "mysql");
    private static final Map<String, String> NAMES = Map.of(
            "source", "PostgreSQL", "raw", "Raw", "cleansed", "Cleansed", "curated", "Curated", "mysql", "MySQL");

    private final Pipeline pipeline;
    private final Supplier<PipelineStatus> status;
    private final Duration between;
    private final Duration longest;
    private final RejectedRows rejected;
    private final PassHistory passes;
    private volatile @Nullable Health last;
    private volatile Instant readAt = Instant.EPOCH;
    private CompletableFuture<?> current = CompletableFuture.completedFuture(0);
    /** Hop to its LSN at the look before, for rates. */
    private Map<String, Lsn> before = new HashMap<>();

    private Instant beforeAt = Instant.EPOCH;

    HealthReader(Pipeline pipeline) {
        this(pipeline, () -> PipelineStatus.of(pipeline), BETWEEN, LONGEST);
    }

    /**
     * @param between the beginnings of two looks, at least
     * @param longest how long a look may take before its page says so
     */
    HealthReader(Pipeline pipeline, Supplier<PipelineStatus> status, Duration between, Duration longest) {
        this.pipeline = pipeline;
        this.status = status;
        this.between = between;
        this.longest = longest;
        this.rejected = new RejectedRows(pipeline);
        this.passes = new PassHistory(pipeline);
    }

    /**
     * What a look shows that has just been taken, or the last one where a hop lets the look wait: it then says since when
     * nothing could be read. Fails where the look failed.
     *
     * @throws Problem if there is nothing to show yet
     */
    Health read() {
        return read(PATIENCE);
    }

    /** The same, waiting another time for the look under way. */
    Health read(Duration patience) {
        CompletableFuture<?> looking = lookAgain();
        try {
            looking.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return unanswered();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
        return Objects.requireNonNull(last);
    }

    private Health unanswered() {
        Health known = last;
        if (known == null) {
            throw new Problem(
                    503,
                    "The state is still being read",
                    "PostgreSQL, the lake or MySQL lets this server wait since " + TIME.format(readAt) + ".",
                    "This page asks again by itself; \"./headwater status\" says which one it is.");
        }
        boolean stuck = Duration.between(readAt, Instant.now()).compareTo(longest) > 0;
        return stuck
                ? known.unread("A hop has not answered since " + TIME.format(readAt) + ": all figures are of "
                        + known.takenAt())
                : known;
    }

    private synchronized CompletableFuture<?> lookAgain() {
        if (current.isDone() && !Instant.now().isBefore(readAt.plus(between))) {
            readAt = Instant.now();
            current = CompletableFuture.runAsync(this::look);
        }
        return current;
    }

    private void look() {
        PipelineStatus status = this.status.get();
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
            return problems.size() == 1 ? "One thing is wrong" : problems.size() + " things are wrong";
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
                bytes.map(ByteText::of).orElse("–"),
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
                table.lagBytes() == null ? "–" : ByteText.of(table.lagBytes()),
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
        return ByteText.of((long) (Math.max(0, at.value() - earlier.value()) / elapsed)) + "/s";
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
                        ByteText.of(pass.bytes())))
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

    private static String seconds(Duration lag) {
        return String.format(Locale.ROOT, "%,.1f s", lag.toMillis() / 1000.0);
    }
}
