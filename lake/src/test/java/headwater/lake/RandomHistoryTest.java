package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.LakeLayout;
import headwater.lake.pipeline.CuratedSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.delta.DeltaLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories by seed: whatever happens and wherever a pass ends, the tables hold what the source holds. */
class RandomHistoryTest {
    private static final long SEED = Long.getLong("seed", 20_260_101);
    private static final int PASSES = Integer.getInteger("passes", 3);

    @TempDir
    Path folder;

    @Test
    void cleansedEqualsTheSourceAndCuratedEqualsItsSqlAfterEveryPass() throws IOException {
        Random random = new Random(SEED);
        Shop shop = Shop.in(folder);
        RandomShop source = new RandomShop(SEED);
        shop.load(source.sales(), source.products());
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
        for (int pass = 0; pass < PASSES; pass++) {
            for (int commit = random.nextInt(4); commit >= 0; commit--) {
                for (int transaction = random.nextInt(6); transaction >= 0; transaction--) {
                    source.transaction(raw);
                }
                raw.commit();
            }
            run(shop);
            if (random.nextInt(3) == 0) {
                loseNewestCommits(shop.pipeline.layout(), random.nextBoolean());
                run(shop);
            }
            assertEverythingIsTrue(shop, source, "seed " + SEED + ", pass " + pass);
        }
    }

    private static void run(Shop shop) {
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
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
        for (CuratedSpec spec : shop.pipeline.curated()) {
            assertThat(shop.curated(spec.name()))
                    .as(when + ", " + spec.name())
                    .containsExactlyInAnyOrderElementsOf(shop.computed(spec));
        }
    }

    /** What a kill leaves between the commits of a pass: rejected rows are there, later tables are not. */
    private static void loseNewestCommits(LakeLayout layout, boolean cleansedToo) throws IOException {
        List<String> lost = new ArrayList<>(List.of(layout.curated("by_product"), layout.curated("total")));
        if (cleansedToo) {
            lost.add(layout.curated("by_region"));
            lost.add(layout.cleansed("sale"));
        }
        for (String table : lost) {
            Path log = Path.of(URI.create(table)).resolve("_delta_log");
            try (Stream<Path> files = Files.list(log)) {
                Path newest = files.filter(file -> file.toString().endsWith(".json"))
                        .max(Path::compareTo)
                        .orElseThrow();
                String version = newest.getFileName().toString().replace(".json", "");
                for (String name : List.of(
                        version + ".json", version + ".crc", "." + version + ".json.crc", "." + version + ".crc.crc")) {
                    Files.deleteIfExists(log.resolve(name));
                }
            }
        }
        DeltaLog.clearCache();
    }
}
