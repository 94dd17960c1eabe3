package headwater.lake;

import static headwater.lake.RawHistory.columns;
import static headwater.lake.Shop.sale;
import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.LakeLayout;
import headwater.lake.pass.MergePass;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others read the tables of a lake with what they have: Spark and Delta as they come, with Delta's own log store. */
class StockReadersTest {
    @TempDir
    private Path folder;

    @Tag("nightly")
    @Test
    void plainSparkReadsTheRowsThatAreThere() throws Exception {
        Shop shop = Shop.loadedIn(folder);
        RawHistory raw = RawHistory.create(shop.spark, shop.pipeline.layout(), Shop.LOADED_AT);
        for (int pass = 1; pass <= 10; pass++) {
            raw.begin().update(Shop.SALE, columns("id", "1"), sale("1", pass + ".00", "by pass " + pass));
            raw.insert(Shop.SALE, columns("id", "" + (10 + pass)), sale("" + (10 + pass), "1.00", "new"));
            raw.insert(Shop.SALE, columns("id", "" + (90 + pass)), sale("" + (90 + pass), "-1.00", "invalid"));
            raw.commit();
            merge(shop);
        }
        raw.begin().delete(Shop.SALE, columns("id", "12")).commit();
        merge(shop);

        LakeLayout layout = shop.pipeline.layout();
        List<String> paths =
                new ArrayList<>(List.of(layout.cleansed("sale"), layout.cleansed("product"), layout.rejected("sale")));
        shop.pipeline.curated().forEach(table -> paths.add(layout.curated(table.name())));
        TreeMap<String, List<String>> expected = new TreeMap<>();
        paths.forEach(path -> expected.put(path, rows(shop.delta(path))));
        assertThat(expected.get(layout.cleansed("sale"))).hasSize(23);

        List<String> lines = new ArrayList<>();
        expected.forEach((path, rows) -> rows.forEach(row -> lines.add(path + " " + row)));
        assertThat(linesOf(read(List.copyOf(expected.keySet())))).containsExactlyElementsOf(lines);
    }

    private static void merge(Shop shop) {
        try (MergePass pass = new MergePass(shop.spark, shop.pipeline)) {
            assertThat(pass.run()).isEqualTo(MergePass.Outcome.MOVED);
        }
    }

    private static List<String> rows(Dataset<Row> table) {
        return table.toJSON().collectAsList().stream().sorted().toList();
    }

    private static String read(List<String> paths) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--add-opens") || flag.startsWith("-Djava.security"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StockReadersTest.class.getName()));
        command.addAll(paths);
        Process reader = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(reader.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(reader.exitValue()).isZero();
        return out;
    }

    private static List<String> linesOf(String out) {
        return out.lines().filter(line -> line.startsWith("file:")).toList();
    }

    /** Prints the rows of tables, each with the table's path before it. */
    public static void main(String[] paths) {
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
                .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate()) {
            for (String path : paths) {
                rows(spark.read().format("delta").load(path)).forEach(row -> System.out.println(path + " " + row));
            }
        }
    }
}
