package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.CommitId;
import headwater.lake.contract.LoadColumns;
import headwater.lake.contract.SourceTable;
import headwater.lake.pass.LakeTables;
import headwater.lake.pass.MergePass;
import headwater.lake.pass.TableSessions;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.table.TableLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A small pipeline of sales and products with every kind of dependency, and a lake of it in a folder. */
final class Shop {
    static final SourceTable SALE = SourceTable.parse("shop.sale");
    static final SourceTable PRODUCT = SourceTable.parse("shop.product");
    static final long LOADED_AT = 1_000;

    private static final String YAML = """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}"}
            lake: {root: "${LAKE}"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              sale:
                source: shop.sale
                key: [id]
                text: normalized
                columns: {id: id, region: "coalesce(region, 'XX')", product: product, amount: amount, note: note}
                rules: {amount_not_negative: amount >= 0, product_present: product IS NOT NULL}
              product:
                source: shop.product
                key: [id]
                text: normalized
                columns: {id: id, name: name, kind: kind}
                rules: {name_present: name IS NOT NULL}
            constants:
              region: SELECT * FROM VALUES ('N', 'North'), ('S', 'South') AS region (region, region_name)
            curated:
              by_product:
                key: [region, product]
                partitionBy: [region]
                sql: >-
                  SELECT s.region, s.product, n.region_name, max(p.kind) AS kind,
                         CAST(sum(s.amount) AS decimal(18,2)) AS amount, count(DISTINCT s.id) AS sales
                  FROM sale s LEFT JOIN product p ON p.name = s.product LEFT JOIN region n ON n.region = s.region
                  GROUP BY s.region, s.product, n.region_name
                affectedBy:
                  sale: SELECT region, product FROM changes
                  product: SELECT s.region, s.product FROM changes c JOIN sale s ON s.product = c.name
                columns:
                  region: varchar(2)
                  product: varchar(255)
                  region_name: varchar(20)
                  kind: varchar(20)
                  amount: decimal(18,2)
                  sales: bigint
              by_region:
                key: [region]
                partitionBy: [region]
                sql: SELECT region, count(DISTINCT product) AS products, max_by(note, id) AS note FROM sale GROUP BY region
                affectedBy: {sale: SELECT region FROM changes}
                columns: {region: varchar(2), products: bigint, note: text}
              total:
                key: [kind]
                sql: >-
                  SELECT coalesce(p.kind, 'none') AS kind, count(*) AS sales
                  FROM sale s LEFT JOIN (SELECT name, min(kind) AS kind FROM product GROUP BY name) p ON p.name = s.product
                  GROUP BY coalesce(p.kind, 'none')
                affectedBy:
                  sale: SELECT coalesce(p.kind, 'none') AS kind FROM changes c LEFT JOIN product p ON p.name = c.product
                  product: >-
                    SELECT coalesce(kind, 'none') AS kind FROM changes UNION ALL SELECT 'none'
                    UNION ALL SELECT coalesce(p.kind, 'none') FROM changes c JOIN product p ON p.name = c.name
                columns: {kind: varchar(20), sales: bigint}
              region_kind:
                key: [region, kind]
                partitionBy: [region]
                sql: >-
                  SELECT p.region, coalesce(p.kind, 'none') AS kind, sum(p.sales) AS sales, max(r.note) AS note
                  FROM by_product p JOIN by_region r ON r.region = p.region
                  GROUP BY p.region, coalesce(p.kind, 'none')
                affectedBy:
                  by_product: SELECT region, coalesce(kind, 'none') AS kind FROM changes
                  by_region: SELECT k.region, k.kind FROM changes c JOIN region_kind k ON k.region = c.region
                columns: {region: varchar(2), kind: varchar(20), sales: bigint, note: text}
            """;

    static final StructType SALE_COLUMNS = new StructType()
            .add("id", DataTypes.LongType)
            .add("region", DataTypes.StringType)
            .add("product", DataTypes.StringType)
            .add("amount", DataTypes.createDecimalType(10, 2))
            .add("note", DataTypes.StringType);
    static final StructType PRODUCT_COLUMNS = new StructType()
            .add("id", DataTypes.LongType)
            .add("name", DataTypes.StringType)
            .add("kind", DataTypes.StringType);

    private static Path template;

    final Pipeline pipeline;
    final SparkSession spark;
    private final TableSessions sessions;

    private Shop(Pipeline pipeline, SparkSession spark) {
        this.pipeline = pipeline;
        this.spark = spark;
        this.sessions = new TableSessions(spark);
    }

    /** The pipeline of a lake with something in its place. */
    static Pipeline with(Path folder, String text, String other) {
        Map<String, String> environment = Map.of("PW", "x", "LAKE", "file:" + folder.toAbsolutePath());
        return PipelineFile.parse("shop", YAML.replace(text, other), environment::get);
    }

    /** An empty lake in a folder. */
    static Shop in(Path folder) {
        Pipeline pipeline = with(folder, "", "");
        return new Shop(pipeline, TestingSpark.of(pipeline));
    }

    /** A lake in which three sales, one of them invalid, and a product are loaded. */
    static Shop loadedIn(Path folder) {
        Path template = template();
        try (Stream<Path> files = Files.walk(template)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, folder.resolve(template.relativize(file)), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return in(folder);
    }

    /** Loading takes longer than a test: it is done once. */
    private static synchronized Path template() {
        if (template == null) {
            try {
                template = Files.createTempDirectory("shop");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            in(template)
                    .load(
                            List.of(
                                    sale("1", "5.00", "large"),
                                    sale("2", "6.00", "other"),
                                    sale("3", "-6.00", "invalid")),
                            List.of(RawHistory.columns("id", "10", "name", "pen", "kind", "tool")));
        }
        return template;
    }

    static Map<String, String> sale(String id, String amount, String note) {
        return RawHistory.columns("id", id, "region", "N", "product", "pen", "amount", amount, "note", note);
    }

    /** Loads both tables at {@link #LOADED_AT} and builds everything from them, as a backfill does. */
    void load(List<Map<String, String>> sales, List<Map<String, String>> products) {
        load("sale", SALE_COLUMNS, sales);
        load("product", PRODUCT_COLUMNS, products);
        tables().curated().forEach(table -> table.build(LOADED_AT));
    }

    TableSpec table(String name) {
        return pipeline.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    Dataset<Row> delta(String path) {
        return TableLog.at(spark, path).files().rows(spark);
    }

    /** Live cleansed rows as texts, column after column. */
    List<List<String>> cleansed(String table) {
        return texts(tables().cleansed(table).live(spark));
    }

    List<List<String>> curated(String table) {
        return texts(delta(pipeline.layout().curated(table)));
    }

    /** What a curated table's SQL gives now, from nothing. */
    List<List<String>> computed(CuratedSpec spec) {
        SparkSession session = spark.newSession();
        LakeTables tables = tables();
        tables.cleansed().forEach(table -> table.live(session).createOrReplaceTempView(table.name()));
        tables.curated().forEach(table -> table.live(session).createOrReplaceTempView(table.name()));
        pipeline.constants().forEach((name, sql) -> session.sql(sql).createOrReplaceTempView(name));
        return texts(session.sql(spec.sql())
                .select(spec.columns().keySet().stream().map(functions::col).toArray(Column[]::new)));
    }

    /** Runs a pass; a table that it parked is a failure. */
    MergePass.Outcome pass() {
        try (MergePass pass = new MergePass(spark, pipeline)) {
            MergePass.Outcome outcome = pass.run();
            pass.parked().ifPresent(failure -> {
                throw failure;
            });
            return outcome;
        }
    }

    /** Every curated table holds what its SQL gives. */
    void assertCuratedIsTrue(String when) {
        for (CuratedSpec spec : pipeline.curated()) {
            assertThat(curated(spec.name()))
                    .as(when + ", " + spec.name())
                    .containsExactlyInAnyOrderElementsOf(computed(spec));
        }
    }

    private LakeTables tables() {
        return LakeTables.of(pipeline, sessions, 1);
    }

    /** Takes a table, or a folder of one, away with all that it holds. */
    static void delete(String table) {
        Path folder = Path.of(URI.create(table));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<List<String>> texts(Dataset<Row> rows) {
        List<List<String>> result = new ArrayList<>();
        for (Row row : rows.collectAsList()) {
            List<String> texts = new ArrayList<>();
            for (int at = 0; at < row.size(); at++) {
                texts.add(row.isNullAt(at) ? null : row.get(at).toString());
            }
            result.add(texts);
        }
        return result;
    }

    private void load(String table, StructType columns, List<Map<String, String>> rows) {
        write(table(table), columns, rows, LOADED_AT);
        build(table, LOADED_AT);
    }

    private void build(String table, long lsn) {
        LakeTables tables = tables();
        tables.cleansed(table).build(tables.load(table).at(lsn), lsn);
    }

    /** Removes the cleansed sales and builds them from another load, as a person does who changes their columns. */
    void buildAnew(List<Map<String, String>> sales, long lsn) {
        delete(pipeline.layout().cleansed("sale"));
        delete(pipeline.layout().rejected("sale"));
        DeltaLog.clearCache();
        loadAgain(sales, lsn);
        build("sale", lsn);
    }

    /** Builds the sales from another load over what is there of them. */
    void buildOver(List<Map<String, String>> sales, long lsn) {
        loadAgain(sales, lsn);
        build("sale", lsn);
    }

    /** Writes a load of sales as they were at an LSN, as "backfill --table" does of a table that is loaded. */
    void loadAgain(List<Map<String, String>> sales, long lsn) {
        write(table("sale"), SALE_COLUMNS, sales, lsn);
    }

    private void write(TableSpec spec, StructType columns, List<Map<String, String>> rows, long lsn) {
        List<Row> texts = rows.stream()
                .map(row -> RowFactory.create(row.values().toArray()))
                .toList();
        StructType untyped = new StructType();
        for (String name : columns.fieldNames()) {
            untyped = untyped.add(name, DataTypes.StringType);
        }
        Column[] typed = java.util.Arrays.stream(columns.fields())
                .map(field -> functions.col(field.name()).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new);
        spark.createDataFrame(texts, untyped)
                .select(typed)
                .withColumn(LoadColumns.LOAD_ID, functions.lit(String.format("%016X", lsn)))
                .withColumn(LoadColumns.EPOCH, functions.lit(1))
                .withColumn(LoadColumns.LOAD_LSN, functions.lit(lsn))
                .coalesce(1)
                .write()
                .format("delta")
                .mode("append")
                .partitionBy(LoadColumns.LOAD_ID)
                .option("txnAppId", CommitId.load(spec.source(), 1))
                .option("txnVersion", lsn)
                .save(pipeline.layout().rawSnapshots(spec.source()));
    }

    /** Takes the newest commit of a table away, as if the process had been killed before it. */
    static void loseNewestCommit(String table) throws IOException {
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
        DeltaLog.clearCache();
    }
}
