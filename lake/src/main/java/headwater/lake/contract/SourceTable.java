package headwater.lake.contract;

import java.io.Serializable;

/** A table of the source database, as in {@code cms.prescriber_drug}. */
public record SourceTable(String schema, String name) implements Serializable {

    public SourceTable {
        if (schema.isBlank() || name.isBlank()) {
            throw new IllegalArgumentException("A source table needs a schema and a name");
        }
    }

    /** Reads {@code schema.name}. */
    public static SourceTable parse(String text) {
        int dot = text.indexOf('.');
        if (dot < 1 || dot == text.length() - 1) {
            throw new IllegalArgumentException(
                    "A source table is written schema.table, such as public.orders (is \"" + text + "\")");
        }
        return new SourceTable(text.substring(0, dot), text.substring(dot + 1));
    }

    /** The quoted SQL identifier. */
    public String sql() {
        return quote(schema) + "." + quote(name);
    }

    /** Quotes one identifier for PostgreSQL. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
