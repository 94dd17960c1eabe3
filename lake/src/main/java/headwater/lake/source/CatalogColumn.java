package headwater.lake.source;

import headwater.lake.contract.SourceType;
import headwater.lake.process.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A column of a source table, as PostgreSQL's catalog has it now.
 *
 * @param type in PostgreSQL's words, such as {@code character varying(20)}
 * @param kept how the lake keeps its values, empty if it cannot
 * @param modifier pg_attribute.atttypmod, of a domain that of its base type
 * @param readable the current role may select it
 */
public record CatalogColumn(
        String name, String type, Optional<SourceType> kept, int modifier, boolean generated, boolean readable) {
    /** What a domain is made of, what an array or a range holds, down to a type that is none of these. */
    private static final String COLUMNS = """
            WITH RECURSIVE part AS (
                SELECT attnum, atttypid AS type, atttypmod AS modifier, false AS inside
                FROM pg_attribute WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
              UNION ALL
                SELECT p.attnum,
                       CASE t.typtype WHEN 'd' THEN t.typbasetype WHEN 'r' THEN r.rngsubtype WHEN 'm' THEN m.rngtypid
                            ELSE t.typelem END,
                       CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE -1 END,
                       p.inside OR t.typtype <> 'd'
                FROM part p JOIN pg_type t ON t.oid = p.type
                LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
                WHERE t.typtype IN ('d', 'r', 'm') OR t.typcategory = 'A')
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typtype, p.inside, p.modifier,
                   a.attgenerated <> '', has_column_privilege(a.attrelid, a.attnum, 'SELECT')
            FROM part p JOIN pg_type t ON t.oid = p.type JOIN pg_attribute a ON a.attrelid = ?::oid AND a.attnum = p.attnum
            WHERE NOT (t.typtype IN ('d', 'r', 'm') OR t.typcategory = 'A')
            ORDER BY a.attnum
            """;

    /** All columns of a table, in its order. */
    public static List<CatalogColumn> of(Connection connection, long table) throws SQLException {
        return new Sql(connection)
                .list(
                        COLUMNS,
                        row -> new CatalogColumn(
                                row.getString(1),
                                row.getString(2),
                                kept(row.getString(3), row.getString(4), row.getBoolean(5)),
                                row.getInt(6),
                                row.getBoolean(7),
                                row.getBoolean(8)),
                        table,
                        table);
    }

    /** @param inside it is the type of an array's or a range's elements */
    private static Optional<SourceType> kept(String type, String kind, boolean inside) {
        return switch (kind) {
            case "e" -> Optional.of(SourceType.AS_TEXT);
            case "b" -> SourceType.of(type).map(known -> inside ? SourceType.AS_TEXT : known);
            default -> Optional.empty();
        };
    }
}
