package headwater.capture.partd.load;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which column of a file goes where.
 *
 * @param fields fields in a line
 * @param columns place in the line, to the table's column there; in the file's order
 * @param unknown names that the table does not have
 * @param absent the table's columns that the file does not have
 */
record FileHeader(int fields, Map<Integer, LoadColumn> columns, List<String> unknown, List<String> absent) {

    /**
     * Finds the columns by their names, in any case and order.
     *
     * @throws Failure OPERATOR if a column occurs twice, or the header is not one of the dataset
     */
    static FileHeader of(String file, List<String> names, CmsDataset dataset, List<LoadColumn> table) {
        Map<String, LoadColumn> known = new LinkedHashMap<>();
        table.forEach(column -> known.put(column.name(), column));
        Map<Integer, LoadColumn> columns = new LinkedHashMap<>();
        List<String> unknown = new ArrayList<>();
        for (int at = 0; at < names.size(); at++) {
            String name = names.get(at).strip();
            LoadColumn column = known.get(name.toLowerCase(Locale.ROOT));
            if (column == null) {
                unknown.add(name.isEmpty() ? "(column " + (at + 1) + " without a name)" : name);
            } else if (columns.containsValue(column)) {
                throw refused(file, "column " + column.name() + " occurs twice in its header");
            } else {
                columns.put(at, column);
            }
        }
        List<String> absent = table.stream()
                .filter(column -> !columns.containsValue(column))
                .map(LoadColumn::name)
                .toList();
        requireDataset(file, dataset, names);
        return new FileHeader(names.size(), columns, unknown, absent);
    }

    private static void requireDataset(String file, CmsDataset dataset, List<String> names) {
        List<String> lower = names.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        Optional<CmsDataset> of = CmsDataset.of(lower);
        if (of.isPresent() && of.get() != dataset) {
            throw refused(file, "by its header it is of dataset " + of.get() + ", not " + dataset);
        } else if (of.isEmpty()) {
            throw refused(
                    file,
                    "its header lacks "
                            + dataset.key().stream()
                                    .filter(key -> !lower.contains(key))
                                    .collect(Collectors.joining(", "))
                            + ", which dataset " + dataset
                            + " needs to tell its rows apart; its first line must name the columns");
        }
    }

    private static Failure refused(String file, String why) {
        return new Failure(
                Remedy.OPERATOR,
                "Cannot load " + file + ": " + why
                        + ". Nothing of it was loaded. Check that the file is of the dataset that --dataset names.");
    }
}
