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
     * A column that was renamed would go out under its new name.
     *
     * @param columns all that the table has
     * @throws Failure if a masked column is not among them
     */
    public void require(Collection<String> columns) {
        masks.keySet().stream()
                .filter(column -> !columns.contains(column))
                .findFirst()
                .ifPresent(column -> {
                    throw new Failure(
                            Remedy.OPERATOR,
                            "Cannot read " + table.source() + ": tables." + table.name()
                                    + ".mask of the pipeline file names "
                                    + column
                                    + ", a column that the table does not have there. Was it renamed? Name it as it is "
                                    + "called now, or take it out of mask if its values may be seen.");
                });
    }
}
