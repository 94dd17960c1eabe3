package headwater.lake.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pass.PassPlan.Cleanse;
import headwater.lake.pass.PassPlan.Cleansed;
import headwater.lake.pass.PassPlan.Curated;
import headwater.lake.pass.PassPlan.Reach;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a pass would do, of positions alone. */
class PassPlanTest {
    private static final Reach RAW = new Reach(10, 100);

    @Test
    void changesBehindATableAreMergedAndCuratedTablesComeAlong() {
        assertThat(plan(true, false, List.of(at("sale", 50), at("product", 100)), List.of(curated("total", 50))))
                .contains(new PassPlan(50, 100, List.of(new Cleanse("sale", OptionalLong.empty())), true, true));
    }

    @Test
    void tablesAtTheEndOfRawAreLeftAlone() {
        assertThat(plan(true, true, List.of(at("sale", 100)), List.of(curated("total", 100))))
                .isEmpty();
    }

    @Test
    void aPositionThatMovedWithoutAChangeIsCommittedNowAndThen() {
        List<Cleansed> tables = List.of(at("sale", 50));
        assertThat(plan(false, false, tables, List.of())).isEmpty();
        assertThat(plan(false, true, tables, List.of())).get().satisfies(plan -> {
            assertThat(plan.readsChanges()).isFalse();
            assertThat(plan.cleanse()).hasSize(1);
        });
    }

    @Test
    void aPassThatEndedBeforeItsCuratedTablesIsFinished() {
        assertThat(plan(true, false, List.of(at("sale", 100)), List.of(curated("total", 50))))
                .contains(new PassPlan(100, 100, List.of(), false, true));
        assertThat(plan(true, false, List.of(at("sale", 100)), List.of(new Curated("total", 50, true))))
                .isEmpty();
        assertThat(plan(true, false, List.of(at("sale", 100)), List.of(curated("total", -1))))
                .isPresent();
    }

    @Test
    void curatedTablesWaitWhileATableIsBeyondThePass() {
        assertThat(plan(true, false, List.of(at("sale", 50), at("product", 120)), List.of(curated("total", 50))))
                .get()
                .satisfies(plan -> {
                    assertThat(plan.curates()).isFalse();
                    assertThat(plan.cleanse()).containsExactly(new Cleanse("sale", OptionalLong.empty()));
                });
    }

    @Test
    void aTableThatWaitsForAPersonHoldsNoOtherUpUnlessALoadBringsItBack() {
        Cleansed parked = new Cleansed("sale", 20, OptionalLong.empty(), true);
        assertThat(plan(true, false, List.of(parked, at("product", 60)), List.of()))
                .get()
                .satisfies(plan -> {
                    assertThat(plan.from()).isEqualTo(60);
                    assertThat(plan.cleanse()).containsExactly(new Cleanse("product", OptionalLong.empty()));
                });
        assertThat(plan(true, false, List.of(parked), List.of())).isEmpty();
        Cleansed loaded = new Cleansed("sale", 20, OptionalLong.of(70), true);
        assertThat(plan(true, false, List.of(loaded), List.of()))
                .get()
                .satisfies(
                        plan -> assertThat(plan.cleanse()).containsExactly(new Cleanse("sale", OptionalLong.of(70))));
    }

    @ParameterizedTest
    @CsvSource({
        // position, newest load, load held, expected
        "50, 70, 60, 70",
        "50, 40, 30, 40",
        "50, 70, 70, -1",
        "50, 5, -1, -1",
        "50, 101, 60, -1",
        "100, 70, 60, -1",
        "50, -1, -1, -1",
    })
    void aLoadIsAppliedOnceIfRawHasAllChangesSince(long position, long newest, long held, long expected) {
        OptionalLong load = newest < 0 ? OptionalLong.empty() : OptionalLong.of(newest);
        assertThat(PassPlan.load(position, load, held, RAW).orElse(-1)).isEqualTo(expected);
    }

    @Test
    void changesThatAreLostAreAFault() {
        assertThatThrownBy(() -> plan(true, false, List.of(at("product", 50), at("sale", 5)), List.of()))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("raw/changes begins at 0/A and cleansed/sale ends at 0/5")
                .satisfies(failure -> assertThat(((Failure) failure).remedy()).isEqualTo(Remedy.OPERATOR));
    }

    /** Whatever positions are: no table goes back, none goes beyond the bound, and none is left out that can be moved. */
    @Test
    void everyTableThatIsBehindIsBroughtToTheBound() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            Reach bounded = new Reach(10, 20 + random.nextInt(100));
            List<Cleansed> tables = IntStream.range(0, 1 + random.nextInt(5))
                    .mapToObj(table -> at("t" + table, 10 + random.nextInt(120)))
                    .toList();
            Optional<PassPlan> plan = PassPlan.of(bounded, tables, List.of(), lsn -> true, false);
            List<String> behind = tables.stream()
                    .filter(table -> table.position() < bounded.ends())
                    .map(Cleansed::name)
                    .toList();

            assertThat(plan.map(PassPlan::cleanse).orElse(List.of()))
                    .extracting(Cleanse::table)
                    .containsExactlyElementsOf(behind);
            plan.ifPresent(some -> {
                assertThat(some.to()).isEqualTo(bounded.ends());
                assertThat(some.from()).isLessThan(some.to());
                assertThat(some.curates()).isEqualTo(tables.stream().allMatch(table -> table.position() <= some.to()));
            });
        }
    }

    private static Optional<PassPlan> plan(boolean files, boolean due, List<Cleansed> cleansed, List<Curated> curated) {
        return PassPlan.of(RAW, cleansed, curated, lsn -> files, due);
    }

    private static Cleansed at(String name, long position) {
        return new Cleansed(name, position, OptionalLong.empty(), false);
    }

    private static Curated curated(String name, long position) {
        return new Curated(name, position, false);
    }
}
