package headwater.publish.demo;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares every published table, row by row and column by column, with its computation from scratch in PostgreSQL, by
 * the shipped pipeline's own plain SQL over the source ({@code expected/*.sql}). Both sides are read in key order and
 * never held. The source must be at rest at the published LSN.
 */
public final class MartProof {
    private static final int SHOWN = 10;

    /** What one table showed. */
    private record TableProof(String table, long rows, List<Difference> differences) {}

    private final List<TableProof> tables;

    private MartProof(List<TableProof> tables) {
        this.tables = tables;
    }

    /** Reads both sides, as many tables at a time as there are cores. */
    public static MartProof of(Pipeline pipeline) {
        return new MartProof(pipeline.published().parallelStream()
                .map(table -> compare(pipeline, table))
                .toList());
    }

    public boolean agrees() {
        return differences().isEmpty();
    }

    /** The first {@value #SHOWN} differences of each table. */
    public List<Difference> differences() {
        return tables.stream().flatMap(table -> table.differences().stream()).toList();
    }

    /** Published table to the number of rows in the source's computation. */
    public Map<String, Long> rows() {
        Map<String, Long> rows = new LinkedHashMap<>();
        tables.forEach(table -> rows.put(table.table(), table.rows()));
        return rows;
    }

    private static void begin(Connection connection) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
    }

    private static TableProof compare(Pipeline pipeline, CuratedSpec table) {
        List<String> columns = List.copyOf(table.columns().keySet());
        try (Connection source = pipeline.source().open();
                Connection mart = pipeline.target().open()) {
            begin(source);
            begin(mart);
            try (Statement expected = source.createStatement();
                    Statement found = mart.createStatement()) {
                expected.setFetchSize(5000);
                // the one value by which Connector/J streams
                found.setFetchSize(Integer.MIN_VALUE);
                try (ResultSet left = expected.executeQuery(sourceQuery(pipeline, table, columns));
                        ResultSet right = found.executeQuery(martQuery(table, columns))) {
                    return merge(table, columns, new KeyedRows(left, table.key()), new KeyedRows(right, table.key()));
                }
            }
        } catch (SQLException e) {
            throw new Failure(Remedy.RETRY, "Cannot compare source and mart: " + e.getMessage(), e);
        }
    }

    private static TableProof merge(CuratedSpec table, List<String> columns, KeyedRows left, KeyedRows right)
            throws SQLException {
        List<Difference> differences = new ArrayList<>();
        long count = 0;
        boolean inLeft = left.next();
        boolean inRight = right.next();
        while ((inLeft || inRight) && differences.size() < SHOWN) {
            int order = !inLeft ? 1 : !inRight ? -1 : left.compareTo(right);
            if (order < 0) {
                differences.add(new Difference(table.name(), left.key(), "", "the row", "none"));
            } else if (order > 0) {
                differences.add(new Difference(table.name(), right.key(), "", "none", "the row"));
            } else {
                compareRow(table, columns, left, right, differences);
            }
            if (order <= 0) {
                count++;
                inLeft = left.next();
            }
            if (order >= 0) {
                inRight = right.next();
            }
        }
        return new TableProof(table.name(), count, differences);
    }

    private static void compareRow(
            CuratedSpec table, List<String> columns, KeyedRows left, KeyedRows right, List<Difference> differences)
            throws SQLException {
        for (String column : columns) {
            Object expected = left.value(column);
            Object found = right.value(column);
            if (!Objects.equals(expected, found)) {
                differences.add(new Difference(table.name(), left.key(), column, text(expected), text(found)));
            }
        }
    }

    private static String text(@Nullable Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value);
    }

    private static String sourceQuery(Pipeline pipeline, CuratedSpec table, List<String> columns) {
        String order = table.key().stream()
                .map(column -> SourceTable.quote(column) + (isText(table, column) ? " COLLATE \"C\"" : ""))
                .collect(Collectors.joining(", "));
        return expected(pipeline, "cleansed") + "SELECT "
                + columns.stream().map(SourceTable::quote).collect(Collectors.joining(", ")) + " FROM ("
                + expected(pipeline, table.name()) + ") computed ORDER BY " + order;
    }

    /** The tables' collation utf8mb4_0900_bin orders by code point, as "C" does. */
    private static String martQuery(CuratedSpec table, List<String> columns) {
        return "SELECT " + quoted(columns) + " FROM `" + table.name() + "` ORDER BY " + quoted(table.key());
    }

    private static String quoted(List<String> columns) {
        return columns.stream().map(column -> "`" + column + "`").collect(Collectors.joining(", "));
    }

    private static boolean isText(CuratedSpec table, String column) {
        String type = table.columns().getOrDefault(column, "");
        return type.contains("char") || type.contains("text");
    }

    private static String expected(Pipeline pipeline, String name) {
        String resource = "/pipelines/" + pipeline.name() + "/expected/" + name + ".sql";
        try (InputStream in = Pipeline.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new Failure(Remedy.BUG, "There is no " + resource + " to prove " + name + " with");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A result set in key order whose numbers compare by value. */
    private static final class KeyedRows implements Comparable<KeyedRows> {
        private final ResultSet result;
        private final List<String> keyColumns;
        private Map<String, Object> key = Map.of();

        KeyedRows(ResultSet result, List<String> keyColumns) {
            this.result = result;
            this.keyColumns = keyColumns;
        }

        boolean next() throws SQLException {
            if (!result.next()) {
                return false;
            }
            key = new LinkedHashMap<>();
            for (String column : keyColumns) {
                key.put(column, value(column));
            }
            return true;
        }

        Map<String, Object> key() {
            return key;
        }

        /** Numbers as BigDecimal without trailing zeros, anything else as text, so that both databases' types compare. */
        @Nullable
        Object value(String column) throws SQLException {
            Object value = result.getObject(column);
            if (value == null) {
                return null;
            }
            return value instanceof Number ? new BigDecimal(value.toString()).stripTrailingZeros() : value.toString();
        }

        @Override
        public int compareTo(KeyedRows other) {
            for (String column : keyColumns) {
                Object mine = key.get(column);
                Object theirs = other.key.get(column);
                int order = mine instanceof BigDecimal number && theirs instanceof BigDecimal otherNumber
                        ? number.compareTo(otherNumber)
                        : byCodePoint(String.valueOf(mine), String.valueOf(theirs));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }

        /** Java compares UTF-16 units, the databases UTF-8 bytes: they differ above U+FFFF. */
        private static int byCodePoint(String left, String right) {
            return Arrays.compareUnsigned(
                    left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
        }
    }
}
