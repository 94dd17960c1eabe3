package headwater.lake.pipeline;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The masks over one source table's columns, for one thread. */
public final class MaskedColumns {
    private final TableSpec table;
    private final Map<String, UnaryOperator<String>> masks = new HashMap<>();

    private MaskedColumns(TableSpec table) {
        this.table = table;
        table.masks().forEach((column, mask) -> masks.put(column, mask.texts()));
    }

    public static MaskedColumns of(TableSpec table) {
        return new MaskedColumns(table);
    }

    /** What becomes of a value's text: itself where the column is not masked. */
    public @Nullable String apply(String column, @Nullable String text) {
        UnaryOperator<String> mask = masks.get(column);
        return mask == null || text == null ? text : mask.apply(text);
    }

    /**
     * A column that was renamed would go out under its new name, and changes of rows with one masked key would be taken for
     * those of one row.
     *
     * @param columns all that the table has
     * @param key those by which the source tells its rows apart
     * @throws Failure if a masked column is not among them, or one of the key is masked
     */
    public void require(Collection<String> columns, Collection<String> key) {
        for (String column : masks.keySet()) {
            if (!columns.contains(column)) {
                throw refused(
                        column,
                        "a column that the table does not have there. Was it renamed? Name it as it is called now, or take it"
                                + " out of mask if its values may be seen.");
            }
            if (key.contains(column)) {
                throw refused(
                        column,
                        "which is in the primary key of the table. Exclude or mask other columns, or give the table another"
                                + " primary key.");
            }
        }
    }

    private Failure refused(String column, String why) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot read " + table.source() + ": tables." + table.name() + ".mask of the pipeline file names "
                        + column + ", " + why);
    }
}
