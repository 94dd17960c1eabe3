package headwater.capture.raw;

import headwater.capture.raw.ChangeBatch.Committed;
import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.types.DataType;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A column of raw/changes over rows that stay what they are: nothing is copied or boxed for Kernel. */
abstract class ChangeVector implements ColumnVector {
    private final DataType type;
    private final List<Committed> rows;

    private ChangeVector(DataType type, List<Committed> rows) {
        this.type = type;
        this.rows = rows;
    }

    /** A number, date or time, in the form that Kernel takes. */
    static ColumnVector number(DataType type, List<Committed> rows, ToLongFunction<Committed> value) {
        return new ChangeVector(type, rows) {
            @Override
            public boolean isNullAt(int row) {
                return false;
            }

            @Override
            public int getInt(int row) {
                return (int) getLong(row);
            }

            @Override
            public long getLong(int row) {
                return value.applyAsLong(at(row));
            }
        };
    }

    /** A text that may be null. */
    static ColumnVector text(DataType type, List<Committed> rows, Function<Committed, @Nullable String> value) {
        return new ChangeVector(type, rows) {
            @Override
            public boolean isNullAt(int row) {
                return value.apply(at(row)) == null;
            }

            @Override
            public @Nullable String getString(int row) {
                return value.apply(at(row));
            }
        };
    }

    Committed at(int row) {
        return rows.get(row);
    }

    @Override
    public DataType getDataType() {
        return type;
    }

    @Override
    public int getSize() {
        return rows.size();
    }

    @Override
    public void close() {}
}
