package headwater.publish.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.ByteText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where every table is, hop by hop. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows where every table is, hop by hop: its LSN, how far that is behind the source in bytes and in seconds, and"
                    + " its rows. Seconds are the age of the oldest committed change that the hop does not have yet.",
            "Exit code 1 if PostgreSQL, the lake or MySQL could not be read; the table says why. What does not exist yet is no"
                    + " fault."
        })
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private PipelineOption pipeline;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Option(names = "--count", description = "Let MySQL count its rows, which reads an index of each table whole.")
    private boolean count;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Pipeline file = pipeline.read();
        PipelineStatus status = count ? PipelineStatus.counted(file) : PipelineStatus.of(file);
        command.commandLine().getOut().println(json ? json(status) : table(status));
        return status.unreachable().isEmpty() ? 0 : 1;
    }

    /** The table that a person reads. */
    public static String table(PipelineStatus status) {
        return AsciiTable.getTable(
                AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
                status.hops(),
                List.of(
                        left("hop").with(HopStatus::hop),
                        left("table").with(HopStatus::table),
                        right("rows").with(hop -> number(hop.rows())),
                        right("LSN")
                                .with(hop -> hop.lsn() == null ? "" : hop.lsn().toString()),
                        right("behind").with(hop -> bytes(hop.lagBytes())),
                        right("seconds").with(hop -> seconds(hop.lag())),
                        left("").with(StatusCommand::remarks)));
    }

    /** The same for programs. */
    public static String json(PipelineStatus status) {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(StatusDocument.of(status));
        } catch (JsonProcessingException e) {
            throw new Failure(Remedy.BUG, "Cannot write the status as JSON: " + e.getMessage(), e);
        }
    }

    private static Column left(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.LEFT).dataAlign(HorizontalAlign.LEFT);
    }

    private static Column right(String header) {
        return new Column().header(header).headerAlign(HorizontalAlign.RIGHT).dataAlign(HorizontalAlign.RIGHT);
    }

    private static String number(@Nullable Long rows) {
        return rows == null ? "" : String.format(Locale.ROOT, "%,d", rows);
    }

    private static String bytes(@Nullable Long bytes) {
        return bytes == null ? "" : ByteText.of(bytes);
    }

    private static String seconds(@Nullable Duration lag) {
        return lag == null ? "" : String.format(Locale.ROOT, "%.1f", lag.toMillis() / 1000.0);
    }

    private static String remarks(HopStatus hop) {
        String details = hop.details().entrySet().stream()
                .map(detail -> detail.getKey() + " " + detail.getValue())
                .collect(Collectors.joining(", "));
        return hop.problem() == null ? details : hop.problem();
    }
}
