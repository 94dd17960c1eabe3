package headwater.publish.demo;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.publish.status.HopStatus;
import headwater.publish.status.PipelineStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A line per hop: the LSN that all its tables reach, their rows, and how late it is. On a terminal the table is drawn over
 * the last one.
 */
final class LiveTable {
    private static final boolean TERMINAL = System.console() != null;
    /** Between two looks: reading the state costs some of the machine that is shown. */
    static final Duration BETWEEN = Duration.ofSeconds(TERMINAL ? 3 : 10);

    private static final Map<String, String> HOPS = Map.of(
            "source", "PostgreSQL", "raw", "raw", "cleansed", "cleansed", "curated", "curated", "mysql", "MySQL");

    private final Pipeline pipeline;
    private final PrintStream out;
    private int drawn;

    LiveTable(Pipeline pipeline, PrintStream out) {
        this.pipeline = pipeline;
        this.out = out;
    }

    /** Reads the state and draws it. */
    void show() {
        Map<String, List<HopStatus>> hops = PipelineStatus.counted(pipeline).hops().stream()
                .collect(Collectors.groupingBy(HopStatus::hop, LinkedHashMap::new, Collectors.toList()));
        List<Column> columns = List.of(
                column("hop", HorizontalAlign.LEFT),
                column("complete up to", HorizontalAlign.RIGHT),
                column("rows", HorizontalAlign.RIGHT),
                column("seconds late", HorizontalAlign.RIGHT));
        String[][] cells = hops.values().stream().map(LiveTable::line).toArray(String[][]::new);
        String table =
                AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns.toArray(Column[]::new), cells);
        if (TERMINAL && drawn > 0) {
            // up over the last table, and clear from there
            out.print("\u001b[" + drawn + "A\u001b[J");
        }
        drawn = (int) table.lines().count();
        out.println(table);
        out.flush();
    }

    private static String[] line(List<HopStatus> tables) {
        return new String[] {
            HOPS.get(tables.get(0).hop()),
            least(tables, HopStatus::lsn).map(Lsn::toString).orElse("-"),
            String.format(
                    Locale.ROOT,
                    "%,d",
                    tables.stream()
                            .map(HopStatus::rows)
                            .filter(Objects::nonNull)
                            .mapToLong(Long::longValue)
                            .sum()),
            most(tables, HopStatus::lag)
                    .map(lag -> String.format(Locale.ROOT, "%.1f", lag.toMillis() / 1000.0))
                    .orElse("-")
        };
    }

    private static <T extends Comparable<T>> Optional<T> least(List<HopStatus> tables, Function<HopStatus, T> value) {
        return tables.stream().map(value).filter(Objects::nonNull).min(Comparator.naturalOrder());
    }

    private static <T extends Comparable<T>> Optional<T> most(List<HopStatus> tables, Function<HopStatus, T> value) {
        return tables.stream().map(value).filter(Objects::nonNull).max(Comparator.naturalOrder());
    }

    private static Column column(String header, HorizontalAlign align) {
        return new Column().header(header).headerAlign(align).dataAlign(align);
    }
}
