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
record Report(String path, String title, Set<String> tables, List<Visual> grid, List<Visual> side, RowTable rows) {
    /** All reports, in the order of the navigation. */
    static final List<Report> ALL = List.of(DrugReport.REPORT, PrescriberReport.REPORT);

    List<Visual> visuals() {
        return Stream.concat(grid.stream(), side.stream()).toList();
    }
}
