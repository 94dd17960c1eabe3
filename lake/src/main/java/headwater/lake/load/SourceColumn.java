package headwater.lake.load;

import headwater.lake.contract.SourceTable;
import headwater.lake.contract.SourceType;
import headwater.lake.pipeline.Mask;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.source.CatalogColumn;
import java.io.Serializable;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * A column as a load reads it.
 *
 * @param name in the source and in raw/snapshots
 * @param wire how its values come in a binary COPY
 * @param type in raw/snapshots
 * @param mask over its texts, or null
 */
public record SourceColumn(
        String name, Wire wire, DataType type, @Nullable Mask mask) implements Serializable {
    private static final int MOST_DIGITS = 38;

    /** The binary forms that a load decodes. */
    enum Wire {
        BOOLEAN,
        SHORT,
        INT,
        LONG,
        FLOAT,
        DOUBLE,
        DECIMAL,
        TEXT,
        DATE,
        TIMESTAMP,
        /** The text that PostgreSQL writes of a value: a cast would trim char(n) and add to inet and xml. */
        WRITTEN_TEXT,
        /** The text of a boolean in the change stream. */
        BOOLEAN_TEXT
    }

    /**
     * A column of the catalog.
     *
     * @throws Failure if the lake cannot keep its values
     */
    static SourceColumn of(TableSpec table, CatalogColumn column) {
        SourceType kept = column.kept()
                .orElseThrow(() -> new Failure(
                        Remedy.OPERATOR,
                        "Cannot load " + table.source() + ": column " + column.name() + " has type " + column.type()
                                + ", which the lake does not keep. Name the column in tables." + table.name()
                                + ".exclude of the pipeline file."));
        Mask mask = table.masks().get(column.name());
        return mask != null || table.asText().contains(column.name())
                ? text(column.name(), kept, mask)
                : typed(column, kept);
    }

    /** The expression of the COPY query. */
    public String sql() {
        String quoted = SourceTable.quote(name);
        return switch (wire) {
            case WRITTEN_TEXT -> "CASE WHEN " + quoted + " IS NOT NULL THEN format('%s', " + quoted + ") END";
            case BOOLEAN_TEXT -> quoted + "::text";
            default -> quoted;
        };
    }

    private static SourceColumn text(String name, SourceType kept, @Nullable Mask mask) {
        Wire wire = kept == SourceType.BOOL ? Wire.BOOLEAN_TEXT : Wire.WRITTEN_TEXT;
        return new SourceColumn(name, wire, DataTypes.StringType, mask);
    }

    private static SourceColumn typed(CatalogColumn column, SourceType kept) {
        String name = column.name();
        return switch (kept) {
            case BOOL -> typed(name, Wire.BOOLEAN, DataTypes.BooleanType);
            case INT2 -> typed(name, Wire.SHORT, DataTypes.ShortType);
            case INT4 -> typed(name, Wire.INT, DataTypes.IntegerType);
            case INT8 -> typed(name, Wire.LONG, DataTypes.LongType);
            case FLOAT4 -> typed(name, Wire.FLOAT, DataTypes.FloatType);
            case FLOAT8 -> typed(name, Wire.DOUBLE, DataTypes.DoubleType);
            case NUMERIC -> numeric(name, column.modifier());
            case TEXT, VARCHAR, BPCHAR -> typed(name, Wire.TEXT, DataTypes.StringType);
            case DATE -> typed(name, Wire.DATE, DataTypes.DateType);
            case TIMESTAMP -> typed(name, Wire.TIMESTAMP, DataTypes.TimestampNTZType);
            case TIMESTAMPTZ -> typed(name, Wire.TIMESTAMP, DataTypes.TimestampType);
            case AS_TEXT -> text(name, kept, null);
        };
    }

    private static SourceColumn numeric(String name, int modifier) {
        int precision = modifier < 0 ? 0 : (modifier - 4) >> 16 & 0xFFFF;
        // eleven bits with a sign since PostgreSQL 15
        int scale = ((modifier - 4 & 0x7FF) ^ 1024) - 1024;
        return precision > 0 && precision <= MOST_DIGITS && scale >= 0 && scale <= precision
                ? typed(name, Wire.DECIMAL, DataTypes.createDecimalType(precision, scale))
                : text(name, SourceType.NUMERIC, null);
    }

    private static SourceColumn typed(String name, Wire wire, DataType type) {
        return new SourceColumn(name, wire, type, null);
    }
}
