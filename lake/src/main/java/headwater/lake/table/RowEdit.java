package headwater.lake.table;

import static java.util.stream.Collectors.toSet;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.delta.actions.AddFile;

/**
 * A change of one row of a table: an old row, a new row, or both.
 *
 * @param before the row as it was found, or empty for an insert
 * @param after the row with the table's columns in order, or empty for a delete
 */
public record RowEdit(Optional<LocatedRow> before, Optional<Row> after) {

    public RowEdit {
        if (before.isEmpty() && after.isEmpty()) {
            throw new IllegalArgumentException("An edit needs an old row or a new one");
        }
    }

    public static RowEdit insert(Row row) {
        return new RowEdit(Optional.empty(), Optional.of(row));
    }

    public static RowEdit update(LocatedRow before, Row after) {
        return new RowEdit(Optional.of(before), Optional.of(after));
    }

    public static RowEdit delete(LocatedRow before) {
        return new RowEdit(Optional.of(before), Optional.empty());
    }

    /**
     * The files that edited rows lie in.
     *
     * @param files those of the table in which the rows were looked for
     */
    static List<AddFile> filesOf(TableLog log, List<RowEdit> edits, List<AddFile> files) {
        Set<String> names = edits.stream()
                .flatMap(edit -> edit.before().stream())
                .map(LocatedRow::file)
                .collect(toSet());
        List<AddFile> touched = files.stream()
                .filter(file -> names.contains(LocatedRow.name(file.path())))
                .toList();
        if (touched.size() != names.size()) {
            throw new Failure(
                    Remedy.RETRY,
                    "Cannot change rows of " + log.root() + ": they were found in " + names.size()
                            + " files, of which the table has only " + touched.size()
                            + ". Does another process rewrite its files? The next pass looks again.");
        }
        return touched;
    }
}
