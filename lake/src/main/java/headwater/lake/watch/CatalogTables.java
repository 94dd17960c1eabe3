package headwater.lake.watch;

import headwater.lake.contract.SourceTable;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Reads {@link CatalogTable}s from the catalog alone: no query waits for a table that an application keeps for itself. */
final class CatalogTables {
    private static final int SCHEMAS_SINCE = 15;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String TABLES = """
            SELECT w.schema, w.name, coalesce(c.oid, 0)::bigint,
                   coalesce(p.oid || ':' || p.xmin, ''),
                   coalesce((p.pubviaroot OR c.relkind = 'r') AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate, false),
                   CASE WHEN p.puballtables THEN p.oid ELSE coalesce(r.oid, %s, 0) END::bigint,
                   c.relreplident::text || coalesce(':' || (SELECT max(i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid
                     AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END), ''),
                   coalesce(c.relfilenode, 0)::bigint,
                   array(SELECT a.attnum::bigint FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                         AND NOT a.attisdropped ORDER BY a.attnum),
                   array(SELECT a.xmin::text::bigint FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                         AND NOT a.attisdropped ORDER BY a.attnum)
            FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
              ON n.nspname = w.schema AND c.relname = w.name AND c.relkind IN ('r', 'p')
            LEFT JOIN pg_publication p ON p.pubname = ?
            LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
            """;

    private static final String BY_SCHEMA = """
            (SELECT s.oid FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = n.oid)""";

    /** A table and its type are made together; a type is never written again by VACUUM or ANALYZE. */
    private static final String PARTITIONS = """
            WITH RECURSIVE tree AS (
              SELECT i.inhparent AS root, i.inhrelid AS part, i.xmin::text <> t.xmin::text AS attached
              FROM pg_inherits i JOIN pg_class r ON r.oid = i.inhparent AND r.relkind = 'p'
              JOIN pg_type t ON t.typrelid = i.inhrelid WHERE i.inhparent = ANY (?::bigint[]::oid[])
              UNION ALL
              SELECT tree.root, i.inhrelid, tree.attached OR i.xmin::text <> t.xmin::text
              FROM tree JOIN pg_inherits i ON i.inhparent = tree.part JOIN pg_type t ON t.typrelid = i.inhrelid)
            SELECT tree.root::bigint, c.oid::bigint, c.relfilenode::bigint, c.xmin::text::bigint, c.reltuples = -1, tree.attached
            FROM tree JOIN pg_class c ON c.oid = tree.part AND c.relkind = 'r'
            """;

    /** Each table to what the catalog says of it. */
    static Map<String, CatalogTable> read(Connection connection, String publication, Collection<SourceTable> tables)
            throws SQLException {
        Map<String, CatalogTable> found = new TreeMap<>();
        boolean schemas = connection.getMetaData().getDatabaseMajorVersion() >= SCHEMAS_SINCE;
        new Sql(connection)
                .list(
                        TABLES.formatted(schemas ? BY_SCHEMA : "NULL"),
                        row -> found.put(new SourceTable(row.getString(1), row.getString(2)).toString(), table(row)),
                        texts(
                                connection,
                                tables.stream().map(SourceTable::schema).toList()),
                        texts(connection, tables.stream().map(SourceTable::name).toList()),
                        publication);
        readPartitions(connection, found);
        return found;
    }

    private static CatalogTable table(ResultSet row) throws SQLException {
        Long[] numbers = (Long[]) row.getArray(9).getArray();
        Long[] written = (Long[]) row.getArray(10).getArray();
        Map<Integer, Long> columns = new TreeMap<>();
        for (int i = 0; i < numbers.length; i++) {
            columns.put(numbers[i].intValue(), written[i]);
        }
        String identity = row.getString(7);
        return new CatalogTable(
                row.getLong(3),
                row.getString(4),
                row.getBoolean(5),
                row.getLong(6),
                identity == null ? "" : identity,
                row.getLong(8),
                columns,
                new TreeMap<>());
    }

    private static void readPartitions(Connection connection, Map<String, CatalogTable> tables) throws SQLException {
        Map<Long, CatalogTable> byOid = new HashMap<>();
        tables.values().forEach(table -> byOid.put(table.oid(), table));
        record Leaf(long root, long oid, CatalogPartition partition) {}
        new Sql(connection)
                .list(
                        PARTITIONS,
                        row -> new Leaf(
                                row.getLong(1),
                                row.getLong(2),
                                new CatalogPartition(
                                        row.getLong(3), row.getLong(4), row.getBoolean(5), row.getBoolean(6))),
                        connection.createArrayOf("bigint", byOid.keySet().toArray()))
                .forEach(leaf -> Objects.requireNonNull(byOid.get(leaf.root()))
                        .partitions()
                        .put(leaf.oid(), leaf.partition()));
    }

    /** Whether a table holds a page; so it is taken to be where it cannot be looked at now. */
    static boolean isFilled(Connection connection, long oid) throws SQLException {
        Sql sql = new Sql(connection);
        sql.run("SET lock_timeout TO '1s'");
        try {
            return sql.one("SELECT pg_relation_size(?::oid)", row -> row.getLong(1) > 0, oid);
        } catch (SQLException e) {
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                return true;
            }
            throw e;
        } finally {
            sql.run("SET lock_timeout TO 0");
        }
    }

    private static java.sql.Array texts(Connection connection, List<String> texts) throws SQLException {
        return connection.createArrayOf("text", new ArrayList<>(texts).toArray());
    }

    private CatalogTables() {}
}
