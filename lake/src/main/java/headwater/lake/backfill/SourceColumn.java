package headwater.lake.backfill;

import headwater.lake.contract.SourceTable;
import headwater.lake.contract.SourceType;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.Serializable;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A column as a load reads it.
 *
 * @param name in the source and in raw/snapshots
 * @param wire how its values come in a binary COPY
 * @param type in raw/snapshots
 */
record SourceColumn(String name, Wire wire, DataType type) implements Serializable {
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
        /** Text in the binary COPY because the query casts it: a numeric without a precision that Spark has. */
        CAST_TEXT
    }

    /**
     * Of a PostgreSQL type.
     *
     * @param type as pg_type.typname
     * @param modifier as pg_attribute.atttypmod
     */
    static SourceColumn of(SourceTable table, String name, String type, int modifier) {
        SourceType known = SourceType.of(type)
                .orElseThrow(
                        () -> new Failure(
                                Remedy.OPERATOR,
                                "Cannot load " + table + ": column " + name + " has type " + type
                                        + ", which a load does not read. Name the column in the table's exclude list of the pipeline file."));
        return switch (known) {
            case BOOL -> new SourceColumn(name, Wire.BOOLEAN, DataTypes.BooleanType);
            case INT2 -> new SourceColumn(name, Wire.SHORT, DataTypes.ShortType);
            case INT4 -> new SourceColumn(name, Wire.INT, DataTypes.IntegerType);
            case INT8 -> new SourceColumn(name, Wire.LONG, DataTypes.LongType);
            case FLOAT4 -> new SourceColumn(name, Wire.FLOAT, DataTypes.FloatType);
            case FLOAT8 -> new SourceColumn(name, Wire.DOUBLE, DataTypes.DoubleType);
            case NUMERIC -> numeric(name, modifier);
            case TEXT, VARCHAR, BPCHAR -> new SourceColumn(name, Wire.TEXT, DataTypes.StringType);
            case DATE -> new SourceColumn(name, Wire.DATE, DataTypes.DateType);
            case TIMESTAMP -> new SourceColumn(name, Wire.TIMESTAMP, DataTypes.TimestampNTZType);
            case TIMESTAMPTZ -> new SourceColumn(name, Wire.TIMESTAMP, DataTypes.TimestampType);
        };
    }

    /** The expression of the COPY query. */
    String sql() {
        return SourceTable.quote(name) + (wire == Wire.CAST_TEXT ? "::text" : "");
    }

    private static SourceColumn numeric(String name, int modifier) {
        int precision = modifier < 0 ? 0 : (modifier - 4) >> 16 & 0xFFFF;
        // eleven bits with a sign since PostgreSQL 15
        int scale = ((modifier - 4 & 0x7FF) ^ 1024) - 1024;
        return precision > 0 && precision <= MOST_DIGITS && scale >= 0 && scale <= precision
                ? new SourceColumn(name, Wire.DECIMAL, DataTypes.createDecimalType(precision, scale))
                : new SourceColumn(name, Wire.CAST_TEXT, DataTypes.StringType);
    }
}
