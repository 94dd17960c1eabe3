package headwater.publish.report;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A report: four charts in a grid, cards and a small pie beside them, and the rows behind them.
 *
 * @param path first part of its addresses
 * @param tables the published tables that it reads
 */
public record Report(
        String path, String title, Set<String> tables, List<Visual> grid, List<Visual> side, RowTable rows) {
    List<Visual> visuals() {
        return Stream.concat(grid.stream(), side.stream()).toList();
    }
}
