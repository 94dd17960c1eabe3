package headwater.lake.contract;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The PostgreSQL types, named as in pg_type.typname, whose values both ways into the lake keep: the change stream and the
 * load. A column of another type must be excluded.
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
    TIMESTAMPTZ;

    /** The type of a name in the catalog; of a domain, give its base type. */
    public static Optional<SourceType> of(String catalogName) {
        return Arrays.stream(values())
                .filter(type -> type.name().toLowerCase(Locale.ROOT).equals(catalogName))
                .findFirst();
    }
}
