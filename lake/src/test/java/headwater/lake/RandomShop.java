package headwater.lake;

import static headwater.lake.RawHistory.columns;

import headwater.lake.contract.SourceTable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** A source that lives at random: it keeps the true rows and writes each change to raw as PostgreSQL would send it. */
final class RandomShop {
    private static final String[] REGIONS = {"N", "S", " N ", "E", null, "", "W"};
    private static final String[] PRODUCTS = {"pen", "ink", " ink", "pen  needle, \"diabetic\"", "D'SOUZA", "NULL", null
    };
    private static final String[] KINDS = {"tool", "fluid", null};

    private final Random random;
    private final TreeMap<Long, Map<String, String>> sales = new TreeMap<>();
    private final TreeMap<Long, Map<String, String>> products = new TreeMap<>();
    private long nextId = 1;

    RandomShop(long seed) {
        random = new Random(seed);
        for (int row = 0; row < 60; row++) {
            put(sales, sale(nextId++));
            put(products, product(nextId++));
        }
    }

    List<Map<String, String>> sales() {
        return List.copyOf(sales.values());
    }

    List<Map<String, String>> products() {
        return List.copyOf(products.values());
    }

    /** One transaction of a few changes. */
    void transaction(RawHistory raw) {
        raw.begin();
        for (int change = 1 + random.nextInt(6); change > 0; change--) {
            if (random.nextInt(4) == 0) {
                change(raw, Shop.PRODUCT, products);
            } else {
                change(raw, Shop.SALE, sales);
            }
        }
        if (random.nextInt(60) == 0) {
            raw.truncate(Shop.SALE);
            sales.clear();
        }
        if (random.nextInt(10) == 0) {
            raw.message();
        }
    }

    private void change(RawHistory raw, SourceTable table, NavigableMap<Long, Map<String, String>> rows) {
        if (rows.isEmpty() || random.nextInt(5) == 0) {
            insert(raw, table, rows, nextId++);
            return;
        }
        Map<String, String> row = any(rows);
        switch (random.nextInt(8)) {
            case 0 -> delete(raw, table, rows, row);
            case 1 -> {
                delete(raw, table, rows, row);
                insert(raw, table, rows, id(row));
            }
            case 2 -> move(raw, table, rows, row);
            default -> update(raw, table, rows, row);
        }
    }

    private void insert(RawHistory raw, SourceTable table, NavigableMap<Long, Map<String, String>> rows, long id) {
        Map<String, String> row = table.equals(Shop.SALE) ? sale(id) : product(id);
        put(rows, row);
        raw.insert(table, key(row), row);
    }

    private void delete(
            RawHistory raw, SourceTable table, NavigableMap<Long, Map<String, String>> rows, Map<String, String> row) {
        rows.remove(id(row));
        raw.delete(table, key(row));
    }

    /** An update of some columns; one that leaves the note alone may come without it, as a large value would. */
    private void update(
            RawHistory raw, SourceTable table, NavigableMap<Long, Map<String, String>> rows, Map<String, String> row) {
        Map<String, String> changed = changed(row, id(row));
        put(rows, changed);
        boolean left = changed.containsKey("note") && random.nextInt(3) == 0;
        if (left) {
            changed.put("note", row.get("note"));
        }
        raw.change("u", table, key(changed), null, null, left ? without(changed, "note") : changed, names(left));
    }

    /** A key update: a delete of the old key and an insert that names it. */
    private void move(
            RawHistory raw, SourceTable table, NavigableMap<Long, Map<String, String>> rows, Map<String, String> row) {
        Map<String, String> moved = new LinkedHashMap<>(row);
        moved.put("id", String.valueOf(nextId++));
        rows.remove(id(row));
        put(rows, moved);
        boolean left = moved.containsKey("note") && random.nextBoolean();
        raw.delete(table, key(row));
        raw.change("c", table, key(moved), key(row), null, left ? without(moved, "note") : moved, names(left));
    }

    private Map<String, String> changed(Map<String, String> row, long id) {
        Map<String, String> other = row.containsKey("amount") ? sale(id) : product(id);
        Map<String, String> changed = new LinkedHashMap<>(row);
        other.forEach((name, text) -> {
            if (random.nextInt(3) == 0) {
                changed.put(name, text);
            }
        });
        changed.put("id", String.valueOf(id));
        return changed;
    }

    private Map<String, String> sale(long id) {
        int amount = random.nextInt(10_000) - 800;
        return columns(
                "id",
                String.valueOf(id),
                "region",
                pick(REGIONS),
                "product",
                pick(PRODUCTS),
                "amount",
                random.nextInt(20) == 0 ? null : BigDecimal.valueOf(amount, 2).toPlainString(),
                "note",
                random.nextInt(6) == 0 ? null : "note " + random.nextInt(1000));
    }

    private Map<String, String> product(long id) {
        return columns("id", String.valueOf(id), "name", pick(PRODUCTS), "kind", pick(KINDS));
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }

    private Map<String, String> any(NavigableMap<Long, Map<String, String>> rows) {
        List<Long> ids = new ArrayList<>(rows.keySet());
        return rows.get(ids.get(random.nextInt(ids.size())));
    }

    private static void put(NavigableMap<Long, Map<String, String>> rows, Map<String, String> row) {
        rows.put(id(row), row);
    }

    private static long id(Map<String, String> row) {
        return Long.parseLong(row.get("id"));
    }

    private static Map<String, String> key(Map<String, String> row) {
        return columns("id", row.get("id"));
    }

    private static Map<String, String> without(Map<String, String> row, String name) {
        Map<String, String> rest = new LinkedHashMap<>(row);
        rest.remove(name);
        return rest;
    }

    private static List<String> names(boolean left) {
        return left ? List.of("note") : null;
    }

    /** The valid sales, cleansed by plain Java. */
    List<List<String>> validSales() {
        return sales.values().stream()
                .filter(row -> brokenRule(row) == null)
                .map(row -> {
                    String region = folded(row.get("region"));
                    return Arrays.asList(
                            row.get("id"),
                            region == null ? "XX" : region,
                            folded(row.get("product")),
                            row.get("amount"),
                            folded(row.get("note")));
                })
                .toList();
    }

    /** The invalid sales: id and the first rule that is broken. */
    List<List<String>> invalidSales() {
        return sales.values().stream()
                .filter(row -> brokenRule(row) != null)
                .map(row -> Arrays.asList(row.get("id"), brokenRule(row)))
                .toList();
    }

    List<List<String>> validProducts() {
        return products.values().stream()
                .filter(row -> folded(row.get("name")) != null)
                .map(row -> Arrays.asList(row.get("id"), folded(row.get("name")), folded(row.get("kind"))))
                .toList();
    }

    private static String brokenRule(Map<String, String> sale) {
        if (sale.get("amount") == null || sale.get("amount").startsWith("-")) {
            return "amount_not_negative";
        }
        return folded(sale.get("product")) == null ? "product_present" : null;
    }

    private static String folded(String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return text.strip().replaceAll("\\s+", " ");
    }
}
