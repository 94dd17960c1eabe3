package headwater.publish.report;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The figures of the newest publication, each computed once however many viewers ask: what is published changes only with
 * the ledger's row, so that row is part of every key and the only thing read for a page that is known.
 */
final class FiguresCache {
    private record Key(String report, Optional<String> year, Optional<String> state, Published publication) {}

    private final Mart mart;
    private final Map<Key, CompletableFuture<Figures>> known = new ConcurrentHashMap<>();

    FiguresCache(Mart mart) {
        this.mart = mart;
    }

    Figures figures(Report report, Optional<String> year, Optional<String> state) {
        mart.require(report);
        Published now = mart.publication();
        known.keySet().removeIf(key -> !key.publication().equals(now));
        Key key = new Key(report.path(), year, state, now);
        CompletableFuture<Figures> mine = new CompletableFuture<>();
        CompletableFuture<Figures> first = known.putIfAbsent(key, mine);
        if (first != null) {
            return await(first);
        }
        try {
            mine.complete(mart.figures(report, year, state));
        } catch (RuntimeException | Error e) {
            // a failure is answered to those who wait and not remembered; nor are addresses that somebody made up
            known.remove(key, mine);
            mine.completeExceptionally(e);
        }
        return await(mine);
    }

    private static Figures await(CompletableFuture<Figures> figures) {
        try {
            return figures.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
