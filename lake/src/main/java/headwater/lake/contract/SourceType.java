package headwater.lake.contract;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How the lake keeps the values of PostgreSQL's types; both ways into it, the change stream and the load, keep them alike.
 * A column of a type that has no constant must be excluded.
 */
public enum SourceType {
    BOOL,
    INT2,
    INT4,
    INT8,
    FLOAT4,
    FLOAT8,
    NUMERIC,
    TEXT,
    VARCHAR,
    BPCHAR,
    DATE,
    TIMESTAMP,
    TIMESTAMPTZ,
    /** A type that Spark does not have: the lake keeps the text that PostgreSQL writes. */
    AS_TEXT;

    /** As in pg_type.typname. Those of other types change with what is renamed, or are unknown here. */
    private static final Set<String> WITH_LASTING_TEXT = Set.of(
            "bit",
            "box",
            "bytea",
            "cidr",
            "circle",
            "citext",
            "hstore",
            "inet",
            "interval",
            "json",
            "jsonb",
            "line",
            "lseg",
            "ltree",
            "macaddr",
            "macaddr8",
            "money",
            "oid",
            "path",
            "pg_lsn",
            "point",
            "polygon",
            "time",
            "timetz",
            "tsquery",
            "tsvector",
            "uuid",
            "varbit",
            "xml");

    /**
     * The type of a name in the catalog, pg_type.typname. Of an array or a range, give the type of its elements, and take
     * {@link #AS_TEXT} if it has one.
     */
    public static Optional<SourceType> of(String catalogName) {
        if (WITH_LASTING_TEXT.contains(catalogName)) {
            return Optional.of(AS_TEXT);
        }
        return Arrays.stream(values())
                .filter(type ->
                        type != AS_TEXT && type.name().toLowerCase(Locale.ROOT).equals(catalogName))
                .findFirst();
    }
}
