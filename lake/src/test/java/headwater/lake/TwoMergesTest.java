package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two merges of one lake without the claim that keeps them apart, as where a machine slept through it. The first is held
 * before each of its requests to a table's log in turn, or the second is held too; whoever is late is refused with words,
 * or finds nothing left to do, and in the end every table is what it should be.
 */
@Tag("nightly")
class TwoMergesTest {
    private static final Map<String, Integer> ENDS = new TreeMap<>();
    /** More than the first merge has tables. */
    private static final int MOST_ATTEMPTS = 8;

    /** What the first merge has before it. */
    private enum Work {
        /** Few rows, changed by the driver. */
        CHANGES,
        /** Changed by MERGE. */
        TRUNCATE,
        /** A load of a table that is loaded already. */
        LOAD
    }

    /** What the second one does while the first is held. */
    private enum Other {
        /** The same pass. */
        SAME,
        /** The same pass and another one, by which rows are again what they were before. */
        FURTHER
    }

    /** A lake, which capture and each merge reach by a name of their own, as processes do: Delta keeps what it knows by name. */
    private record Lake(Shop first, Shop second, RawHistory raw) {

        static Lake in(Path folder, Work work) throws IOException {
            Path lake = Files.createDirectories(folder.resolve("lake"));
            Shop first = Shop.loadedIn(lake);
            Shop second = named(folder, "same", lake);
            RawHistory raw = RawHistory.create(
                    first.spark, named(folder, "capture", lake).pipeline.layout(), Shop.LOADED_AT);
            raw.begin();
            if (work == Work.TRUNCATE) {
                raw.truncate(Shop.SALE).insert(Shop.SALE, key("2"), sale("2", "6.00", "other"));
                raw.insert(Shop.SALE, key("1"), sale("1", "7.00", "large"));
                raw.insert(Shop.SALE, key("3"), sale("3", "1.00", "mended"));
            } else {
                raw.update(Shop.SALE, key("1"), sale("1", "7.00", "large"));
                raw.update(Shop.SALE, key("3"), sale("3", "1.00", "mended"));
            }
            raw.insert(Shop.SALE, key("4"), sale("4", "-4.00", "invalid"));
            raw.insert(Shop.SALE, key("5"), sale("5", "5.00", "new"));
            raw.update(Shop.PRODUCT, key("10"), columns("id", "10", "name", "pen", "kind", "fluid"));
            raw.commit();
            if (work == Work.LOAD) {
                first.loadAgain(
                        List.of(
                                sale("1", "7.00", "large"),
                                sale("2", "6.00", "other"),
                                sale("3", "1.00", "mended"),
                                sale("4", "-4.00", "invalid"),
                                sale("5", "5.00", "new")),
                        raw.lsn());
            }
            return new Lake(first, second, raw);
        }

        private static Shop named(Path folder, String name, Path lake) throws IOException {
            return Shop.in(Files.createSymbolicLink(folder.resolve(name), lake));
        }

        /** Every row is as it was when the first merge began, aside from one. */
        void undo() {
            raw.begin();
            raw.update(Shop.SALE, key("1"), sale("1", "5.00", "large"));
            raw.update(Shop.SALE, key("3"), sale("3", "-6.00", "invalid"));
            raw.delete(Shop.SALE, key("4"));
            raw.delete(Shop.SALE, key("5"));
            raw.insert(Shop.SALE, key("6"), sale("6", "6.00", "kept"));
            raw.update(Shop.PRODUCT, key("10"), columns("id", "10", "name", "pen", "kind", "tool"));
            raw.commit();
        }

        void assertRight(Other other) {
            assertThat(first.cleansed("sale"))
                    .containsExactlyInAnyOrderElementsOf(
                            other == Other.SAME
                                    ? List.of(
                                            row("1", "7.00", "large"),
                                            row("2", "6.00", "other"),
                                            row("3", "1.00", "mended"),
                                            row("5", "5.00", "new"))
                                    : List.of(
                                            row("1", "5.00", "large"),
                                            row("2", "6.00", "other"),
                                            row("6", "6.00", "kept")));
            assertThat(first.cleansed("product"))
                    .containsExactly(Arrays.asList("10", "pen", other == Other.SAME ? "fluid" : "tool"));
            assertThat(Shop.texts(first.delta(first.pipeline.layout().rejected("sale"))
                            .select("id", "rule")))
                    .containsExactly(Arrays.asList(other == Other.SAME ? "4" : "3", "amount_not_negative"));
            first.assertCuratedIsTrue(other.toString());
        }
    }

    @TempDir
    static Path folder;

    @TestFactory
    Stream<DynamicTest> oneIsHeldAndOvertaken() {
        return works().flatMap(work -> points(work).stream()
                .flatMap(point -> Stream.of(Other.values())
                        .map(other -> DynamicTest.dynamicTest(
                                work + " held before " + point + ", the other does " + other,
                                () -> overtaken(work, point, other)))));
    }

    @TestFactory
    Stream<DynamicTest> bothAreHeldBeforeACommit() {
        return works().flatMap(work -> {
            List<String> commits = points(work).stream()
                    .filter(point -> point.contains(" commit "))
                    .toList();
            return commits.stream()
                    .flatMap(first -> commits.stream()
                            .map(second -> DynamicTest.dynamicTest(
                                    work + " held before " + first + ", the other before " + second,
                                    () -> bothHeld(work, first, second))));
        });
    }

    private static void overtaken(Work work, String point, Other other) throws Exception {
        Lake lake = Lake.in(Files.createTempDirectory(folder, "one"), work);
        try (HeldLogStore.Writer first =
                new HeldLogStore.Writer(point, () -> lake.first().pass())) {
            assertThat(first.awaitHeld()).as("reaches " + point).isTrue();
            serve(lake.second());
            if (other == Other.FURTHER) {
                lake.undo();
                serve(lake.second());
            }
            note(first.end());
        }
        finish(lake, other);
    }

    private static void bothHeld(Work work, String one, String another) throws Exception {
        Lake lake = Lake.in(Files.createTempDirectory(folder, "both"), work);
        try (HeldLogStore.Writer first =
                new HeldLogStore.Writer(one, () -> lake.first().pass())) {
            assertThat(first.awaitHeld()).as("reaches " + one).isTrue();
            try (HeldLogStore.Writer second =
                    new HeldLogStore.Writer(another, () -> lake.second().pass())) {
                second.awaitHeld();
                note(first.end());
                note(second.end());
            }
        }
        finish(lake, Other.SAME);
    }

    /** What a service does: of the first merge one table is held, and the others may move on beside this one. */
    private static void serve(Shop shop) {
        for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
            try {
                shop.pass();
                return;
            } catch (Failure e) {
                note(e);
            }
        }
        throw new AssertionError("refused " + MOST_ATTEMPTS + " times");
    }

    /** A pass of any process brings all of it to the end. */
    private static void finish(Lake lake, Other other) {
        lake.second().pass();
        lake.first().pass();
        lake.assertRight(other);
        // what Delta keeps of each lake by name would fill the heap
        DeltaLog.clearCache();
    }

    /** Late is either too late, said as what passes by itself, or nothing left to do. */
    private static void note(RuntimeException failed) {
        String end = "has moved the lake, or found nothing to do";
        if (failed != null) {
            assertThat(failed).isInstanceOf(Failure.class).hasMessageContaining("another writer");
            assertThat(((Failure) failed).remedy()).as(failed.getMessage()).isEqualTo(Remedy.RETRY);
            end = failed.getMessage().replaceAll("(file:)?/[^ ]*/(same|lake)", "");
        }
        System.out.println(ENDS.merge(end, 1, Integer::sum) + " times: " + end);
    }

    /** All, or the one that the property names: each takes its time. */
    private static Stream<Work> works() {
        String only = System.getProperty("headwater.work", "");
        return Stream.of(Work.values())
                .filter(work -> only.isEmpty() || work.name().equalsIgnoreCase(only));
    }

    /** Every request of a pass that nobody disturbs. */
    private static List<String> points(Work work) {
        try {
            Lake lake = Lake.in(Files.createTempDirectory(folder, "points"), work);
            try (HeldLogStore.Writer undisturbed =
                    new HeldLogStore.Writer("none", () -> lake.first().pass())) {
                assertThat(undisturbed.end()).isNull();
                lake.assertRight(Other.SAME);
                return new ArrayList<>(new LinkedHashSet<>(undisturbed.requests()));
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> key(String id) {
        return columns("id", id);
    }

    private static List<String> row(String id, String amount, String note) {
        return Arrays.asList(id, "N", "pen", amount, note);
    }
}
