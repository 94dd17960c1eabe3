package headwater.publish.delta;

import headwater.lake.pipeline.CuratedSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.internal.util.PartitionUtils;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampNTZType;
import io.delta.kernel.types.TimestampType;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A column of a curated table, whose values are read for JDBC. */
public record CuratedColumn(String name, DataType type) {

    /** The columns of the pipeline file, in its order. */
    public static List<CuratedColumn> of(CuratedSpec spec, StructType schema) {
        List<CuratedColumn> columns = new ArrayList<>();
        for (String name : spec.columns().keySet()) {
            int ordinal = schema.indexOf(name);
            if (ordinal < 0) {
                throw new Failure(
                        Remedy.OPERATOR,
                        "Cannot publish " + spec.name() + ": the curated table has no column " + name
                                + ". Correct the pipeline file, or rebuild the table with \"headwater backfill --table "
                                + spec.name() + "\".");
            }
            columns.add(new CuratedColumn(name, schema.at(ordinal).getDataType()));
        }
        return columns;
    }

    /** The value at a place of a vector, for JDBC. */
    @Nullable
    public Object value(ColumnVector vector, int at) {
        return vector.isNullAt(at) ? null : read(vector, at);
    }

    /** A partition's value, for JDBC. */
    @Nullable
    public Object value(@Nullable String partitionValue) {
        if (partitionValue == null) {
            return null;
        }
        Object value =
                PartitionUtils.literalForPartitionValue(type, partitionValue).getValue();
        if (type instanceof DateType) {
            return LocalDate.ofEpochDay((Integer) value);
        }
        if (type instanceof TimestampType || type instanceof TimestampNTZType) {
            return timestamp((Long) value);
        }
        return value;
    }

    private Object read(ColumnVector vector, int at) {
        if (type instanceof StringType) {
            return vector.getString(at);
        } else if (type instanceof LongType) {
            return vector.getLong(at);
        } else if (type instanceof IntegerType) {
            return vector.getInt(at);
        } else if (type instanceof ShortType) {
            return vector.getShort(at);
        } else if (type instanceof ByteType) {
            return vector.getByte(at);
        } else if (type instanceof DecimalType) {
            return vector.getDecimal(at);
        } else if (type instanceof DoubleType) {
            return vector.getDouble(at);
        } else if (type instanceof FloatType) {
            return vector.getFloat(at);
        } else if (type instanceof BooleanType) {
            return vector.getBoolean(at);
        } else if (type instanceof DateType) {
            return LocalDate.ofEpochDay(vector.getInt(at));
        }
        return timestamp(vector.getLong(at));
    }

    private static LocalDateTime timestamp(long micros) {
        return LocalDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
    }
}
