package headwater.publish;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A source table that can be published.
 *
 * @param columns of the publication's column list in the table's order; empty for all columns
 */
record PublishedSource(SourceTable table, List<String> columns) {
    private static final String IDENTITY = """
            SELECT c.relkind::text, c.relreplident::text,
                   array(SELECT a.attname::text FROM pg_index i
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
                         WHERE i.indrelid = c.oid
                           AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END),
                   array(SELECT a.attname::text FROM pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                         ORDER BY a.attnum)
            FROM pg_class c WHERE c.oid = to_regclass(?)
            """;

    /** Unique over exactly the given columns, none of which may be null: what identifies a row under FULL. */
    private static final String UNIQUE_INDEX = """
            SELECT 1 FROM pg_index i
            WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
              AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM pg_attribute a
                   WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND a.attnotnull) = ?
              AND i.indnkeyatts = cardinality(?)
            """;

    private static final String PARTITIONS_WITHOUT_IDENTITY = """
            SELECT min(t.relid::regclass::text), count(*) FROM pg_partition_tree(to_regclass(?)) t
            JOIN pg_class c ON c.oid = t.relid
            WHERE t.isleaf AND (c.relreplident = 'n' OR c.relreplident = 'd'
              AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
            """;

    /** Fails, naming the table and what to do, if an update or delete of it could not be captured by the pipeline's key. */
    static PublishedSource check(Connection connection, TableSpec spec) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(IDENTITY)) {
            select.setString(1, spec.source().sql());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw refusal(spec, "it does not exist. Create it, or correct tables." + spec.name() + ".source.");
                }
                String kind = row.getString(1);
                if (!kind.equals("r") && !kind.equals("p")) {
                    throw refusal(spec, "it is no table: only tables have changes in the WAL.");
                }
                checkIdentity(connection, spec, row.getString(2), texts(row, 3));
                checkPartitions(connection, spec);
                return new PublishedSource(spec.source(), columnList(spec, texts(row, 4)));
            }
        }
    }

    private static void checkIdentity(Connection connection, TableSpec spec, String kind, List<String> identity)
            throws SQLException {
        Set<String> key = new TreeSet<>(spec.key());
        if (kind.equals("f")) {
            if (!hasUniqueIndex(connection, spec, key)) {
                throw refusal(
                        spec,
                        "its replica identity is FULL and no unique index over NOT NULL columns " + key
                                + " makes the pipeline's key one. Add such an index, or a primary key.");
            }
        } else if (identity.isEmpty()) {
            throw refusal(
                    spec,
                    "it has no usable replica identity, and the application's own UPDATE and DELETE would fail once it is published."
                            + " Add a primary key, or run ALTER TABLE "
                            + spec.source().sql()
                            + " REPLICA IDENTITY USING INDEX with a unique index over NOT NULL columns.");
        } else if (!key.equals(new TreeSet<>(identity))) {
            throw refusal(
                    spec,
                    "the pipeline's key is " + key + " but its replica identity is " + new TreeSet<>(identity)
                            + ". Correct tables." + spec.name()
                            + ".key, or set REPLICA IDENTITY USING INDEX to an index over the key.");
        }
    }

    private static boolean hasUniqueIndex(Connection connection, TableSpec spec, Set<String> key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(UNIQUE_INDEX)) {
            select.setString(1, spec.source().sql());
            select.setArray(2, connection.createArrayOf("text", key.toArray()));
            select.setArray(3, connection.createArrayOf("text", key.toArray()));
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void checkPartitions(Connection connection, TableSpec spec) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(PARTITIONS_WITHOUT_IDENTITY)) {
            select.setString(1, spec.source().sql());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                if (row.getInt(2) > 0) {
                    throw refusal(
                            spec,
                            row.getInt(2) + " of its partitions have no usable replica identity, such as "
                                    + row.getString(1)
                                    + ". Add a primary key to them, or set REPLICA IDENTITY USING INDEX.");
                }
            }
        }
    }

    private static List<String> columnList(TableSpec spec, List<String> columns) {
        if (spec.exclude().isEmpty()) {
            return List.of();
        }
        List<String> unknown = new ArrayList<>(spec.exclude());
        unknown.removeAll(columns);
        if (!unknown.isEmpty()) {
            throw refusal(
                    spec,
                    "tables." + spec.name() + ".exclude names " + String.join(", ", unknown)
                            + ", which it does not have.");
        }
        List<String> kept = new ArrayList<>(columns);
        kept.removeAll(spec.exclude());
        return kept;
    }

    private static List<String> texts(ResultSet row, int column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static Failure refusal(TableSpec spec, String why) {
        return new Failure(Remedy.OPERATOR, "Cannot publish the source table " + spec.source() + ": " + why);
    }
}
