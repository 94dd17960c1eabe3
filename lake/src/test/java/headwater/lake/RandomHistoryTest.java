package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.LakeLayout;
import headwater.lake.pass.MergePass;
import io.delta.tables.DeltaTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories by seed: whatever happens and wherever a pass ends, the tables hold what the source holds. */
class RandomHistoryTest {
    private static final long FIRST_SEED = Long.getLong("seed", 20_260_101);
    private static final int SEEDS = Integer.getInteger("headwater.lakeSeeds", 1);
    private static final int PASSES = Integer.getInteger("passes", 3);

    /** The sales as a snapshot at an LSN shows them. */
    private record Load(long lsn, List<Map<String, String>> sales) {}

    @TempDir
    Path folder;

    static LongStream seeds() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void cleansedEqualsTheSourceAndCuratedEqualsItsSqlAfterEveryPass(long seed) throws IOException {
        Random random = new Random(seed);
        Shop shop = Shop.in(folder);
        RandomShop source = new RandomShop(seed);
        shop.load(source.sales(), source.products());
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
        Optional<Load> load = Optional.empty();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int commit = random.nextInt(4); commit >= 0; commit--) {
                for (int transaction = random.nextInt(6); transaction >= 0; transaction--) {
                    source.transaction(raw);
                    if (random.nextInt(8) == 0) {
                        load = Optional.of(new Load(raw.lsn(), source.sales()));
                    }
                }
                raw.commit();
            }
            // a load may be complete only after a pass has gone beyond it
            boolean again = load.isPresent() && random.nextBoolean();
            if (again) {
                byHand(shop, random, raw.lsn(), 1_000_000L << pass);
                shop.loadAgain(load.get().sales(), load.get().lsn());
                load = Optional.empty();
            }
            run(shop);
            if (random.nextInt(3) == 0) {
                loseNewestCommits(shop.pipeline.layout(), random.nextBoolean(), again);
                run(shop);
            }
            assertEverythingIsTrue(shop, source, "seed " + seed + ", pass " + pass);
        }
    }

    /**
     * What a person may do to the lake; a load mends it.
     *
     * @param shift of another power of two each time: a key must not become one that an earlier shift has made
     */
    private static void byHand(Shop shop, Random random, long lsn, long shift) {
        DeltaTable cleansed =
                DeltaTable.forPath(shop.spark, shop.pipeline.layout().cleansed("sale"));
        cleansed.delete("id % 7 = " + random.nextInt(7));
        cleansed.updateExpr(
                "NOT _deleted AND id % 5 = " + random.nextInt(5),
                Map.of("amount", "amount + 1", "product", "'ink'", "_commit_lsn", lsn + 1_000_000 + "L"));
        cleansed.updateExpr("id % 11 = " + random.nextInt(11), Map.of("id", "id + " + shift));
        DeltaTable rejected =
                DeltaTable.forPath(shop.spark, shop.pipeline.layout().rejected("sale"));
        rejected.delete("id % 3 = " + random.nextInt(3));
        rejected.updateExpr("id % 2 = " + random.nextInt(2), Map.of("rule", "'another'"));
    }

    private static void run(Shop shop) {
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
            pass.parked().ifPresent(failure -> {
                throw failure;
            });
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.IDLE);
        }
    }

    private static void assertEverythingIsTrue(Shop shop, RandomShop source, String when) {
        assertThat(shop.cleansed("sale")).as(when).containsExactlyInAnyOrderElementsOf(source.validSales());
        assertThat(shop.cleansed("product")).as(when).containsExactlyInAnyOrderElementsOf(source.validProducts());
        assertThat(Shop.texts(
                        shop.delta(shop.pipeline.layout().rejected("sale")).select("id", "rule")))
                .as(when)
                .containsExactlyInAnyOrderElementsOf(source.invalidSales());
        shop.assertCuratedIsTrue(when);
    }

    /** What a kill leaves between the commits of a pass: rejected rows are there, later tables are not. */
    private static void loseNewestCommits(LakeLayout layout, boolean cleansedToo, boolean loaded) throws IOException {
        List<String> lost = new ArrayList<>(
                List.of(layout.curated("region_kind"), layout.curated("by_product"), layout.curated("total")));
        if (cleansedToo) {
            lost.add(layout.curated("by_region"));
            lost.add(layout.cleansed("sale"));
            if (loaded) {
                // one says that it holds the load, the one before has the rows
                lost.add(layout.cleansed("sale"));
            }
        }
        for (String table : lost) {
            Shop.loseNewestCommit(table);
        }
    }
}
