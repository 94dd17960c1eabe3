package headwater.publish.check;

import headwater.lake.contract.SourceTable;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Sql;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A source table as the catalog has it.
 *
 * @param columns of the publication's column list in the table's order; empty for all columns
 * @param owner a role, one of whose members alone may put the table into a publication
 * @param owned whether the pipeline's role is such a member
 */
public record SourcePublicationTable(SourceTable table, List<String> columns, String owner, boolean owned) {
    private static final String TABLE = """
            SELECT c.oid, c.relkind::text, c.relreplident::text,
                   array(SELECT a.attname::text FROM pg_index i
                         CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                         WHERE i.indrelid = c.oid AND i.indimmediate AND k.place <= i.indnkeyatts
                           AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END),
                   pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE'),
                   has_schema_privilege(n.oid, 'USAGE'), current_user::text,
                   row_security_active(c.oid), c.relpersistence = 'u',
                   EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhparent = c.oid) AND c.relkind = 'r'
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    /** Unique over exactly the given columns, none of which may be null: what identifies a row under FULL. */
    private static final String UNIQUE_INDEX = """
            SELECT 1 FROM pg_index i
            WHERE i.indrelid = ?::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
              AND i.indimmediate
              AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C")
                   FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                   WHERE k.place <= i.indnkeyatts AND a.attnotnull) = ?
              AND i.indnkeyatts = cardinality(?)
            """;

    private static final String PARTITIONS_WITHOUT_IDENTITY = """
            SELECT min(p.nspname || '.' || c.relname), count(*) FROM pg_partition_tree(?::oid::regclass) t
            JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace p ON p.oid = c.relnamespace
            WHERE t.isleaf AND (c.relreplident = 'n' OR c.relpersistence = 'u' OR c.relreplident = 'd'
              AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate))
            """;

    /** The table, or empty if there is none; with every reason why its rows or changes could not be captured. */
    public static Optional<SourcePublicationTable> look(Connection connection, TableSpec spec, Findings findings)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(TABLE)) {
            select.setString(1, spec.source().schema());
            select.setString(2, spec.source().name());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    refuse(
                            findings,
                            spec,
                            "it does not exist. Create it, or correct tables." + spec.name() + ".source.");
                    return Optional.empty();
                }
                String kind = row.getString(2);
                if (!kind.equals("r") && !kind.equals("p")) {
                    refuse(findings, spec, "it is no table: only tables have changes in the WAL.");
                    return Optional.empty();
                }
                return Optional.of(look(connection, spec, row, findings));
            }
        }
    }

    private static SourcePublicationTable look(Connection connection, TableSpec spec, ResultSet row, Findings findings)
            throws SQLException {
        long oid = row.getLong(1);
        String role = row.getString(8);
        if (!row.getBoolean(7)) {
            refuse(
                    findings,
                    spec,
                    "the role " + role + " may not use its schema. Run GRANT USAGE ON SCHEMA "
                            + SourceTable.quote(spec.source().schema()) + " TO " + role + ".");
        }
        if (row.getBoolean(9)) {
            refuse(
                    findings,
                    spec,
                    "row level security hides rows of it from the role " + role
                            + ", so a load would lack them. Run ALTER ROLE " + SourceTable.quote(role)
                            + " BYPASSRLS as a superuser, or give it a policy that shows every row and let an owner run ALTER"
                            + " TABLE " + spec.source().sql() + " NO FORCE ROW LEVEL SECURITY.");
        }
        if (row.getBoolean(10)) {
            refuse(
                    findings,
                    spec,
                    "it is UNLOGGED, so its changes are not in the WAL. Run ALTER TABLE "
                            + spec.source().sql() + " SET LOGGED.");
        }
        if (row.getBoolean(11)) {
            refuse(
                    findings,
                    spec,
                    "other tables inherit from it, whose rows a query of it shows and its changes do not. Make it a"
                            + " partitioned table, or name the tables one by one.");
        }
        List<String> identity = List.of((String[]) row.getArray(4).getArray());
        lookForIdentity(connection, spec, oid, row.getString(3), identity, findings);
        lookForPartitions(connection, spec, oid, findings);
        SourceColumns columns = SourceColumns.read(connection, oid);
        columns.look(spec, role, findings);
        return new SourcePublicationTable(
                spec.source(), columns.publicationList(spec), row.getString(5), row.getBoolean(6));
    }

    private static void lookForIdentity(
            Connection connection, TableSpec spec, long oid, String kind, List<String> identity, Findings findings)
            throws SQLException {
        Set<String> key = new TreeSet<>(spec.key());
        if (kind.equals("f")) {
            if (!hasUniqueIndex(connection, oid, key)) {
                refuse(
                        findings,
                        spec,
                        "its replica identity is FULL and no unique index over NOT NULL columns " + key
                                + " makes the pipeline's key one. Add such an index, or a primary key.");
            }
        } else if (identity.isEmpty()) {
            refuse(
                    findings,
                    spec,
                    "it has no usable replica identity (a deferrable key is none), and the application's own UPDATE and DELETE would"
                            + " fail once it is published. Add a primary key, or run ALTER TABLE "
                            + spec.source().sql()
                            + " REPLICA IDENTITY USING INDEX with a unique index over NOT NULL columns.");
        } else if (!key.equals(new TreeSet<>(identity))) {
            refuse(
                    findings,
                    spec,
                    "the pipeline's key is " + key + " but its replica identity is " + new TreeSet<>(identity)
                            + ". Correct tables." + spec.name()
                            + ".key, or set REPLICA IDENTITY USING INDEX to an index over the key.");
        }
    }

    private static boolean hasUniqueIndex(Connection connection, long oid, Set<String> key) throws SQLException {
        Array columns = connection.createArrayOf("text", key.toArray());
        return new Sql(connection).any(UNIQUE_INDEX, oid, columns, columns);
    }

    private static void lookForPartitions(Connection connection, TableSpec spec, long oid, Findings findings)
            throws SQLException {
        record Unidentified(String first, int count) {}
        Unidentified partitions = new Sql(connection)
                .one(PARTITIONS_WITHOUT_IDENTITY, row -> new Unidentified(row.getString(1), row.getInt(2)), oid);
        if (partitions.count() > 0) {
            refuse(
                    findings,
                    spec,
                    partitions.count()
                            + " of its partitions have no usable replica identity or are UNLOGGED, such as "
                            + partitions.first()
                            + ". Add a primary key to them, or set REPLICA IDENTITY USING INDEX, or SET LOGGED.");
        }
    }

    private static void refuse(Findings findings, TableSpec spec, String why) {
        findings.fault("Cannot publish the source table " + spec.source() + ": " + why);
    }
}
