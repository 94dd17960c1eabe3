package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.pass.MergePass;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pass asks of the logs of the tables. */
class PassRequestsTest {
    @TempDir
    private Path folder;

    @Test
    void eachTableIsLookedAtOnce() throws Exception {
        Shop shop = Shop.loadedIn(folder);
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            pass.run();
            raw.begin();
            raw.update(Shop.SALE, columns("id", "1"), sale("1", "7.00", "large"));
            raw.insert(Shop.SALE, columns("id", "4"), sale("4", "-4.00", "invalid"));
            raw.commit();
            try (HeldLogStore.Writer second = new HeldLogStore.Writer("none", pass::run)) {
                assertThat(second.end()).isNull();
                assertThat(second.requests())
                        .containsExactlyInAnyOrder(
                                "raw/changes look 1",
                                "snapshots/shop.sale look 1",
                                "snapshots/shop.product look 1",
                                "cleansed/sale look 1",
                                "cleansed/sale commit 1",
                                "rejected/sale look 1",
                                "rejected/sale commit 1",
                                "cleansed/product look 1",
                                "cleansed/product commit 1",
                                "rejected/product look 1",
                                "curated/by_product look 1",
                                "curated/by_product commit 1",
                                "curated/by_region look 1",
                                "curated/by_region commit 1",
                                "curated/total look 1",
                                "curated/total commit 1",
                                "curated/region_kind look 1",
                                "curated/region_kind commit 1");
            }
        }
    }
}
