package headwater.publish.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.process.ByteText;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end of every benchmark: the machine, the figures, and the same as JSON where a file is wanted. */
public final class BenchReport {

    /** Prints the figures, and writes them to the file unless that is null. */
    public static void end(List<Figure> figures, String versions, PrintWriter out, @Nullable Path json) {
        out.println("machine: " + machine() + "; " + versions);
        figures.forEach(out::println);
        out.flush();
        if (json != null) {
            write(figures, versions, json);
        }
    }

    private static String machine() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.availableProcessors() + " cores, Java " + Runtime.version() + ", heap "
                + ByteText.of(runtime.maxMemory());
    }

    /** The document that is written. */
    private record Document(String machine, String versions, List<Measured> figures) {

        private record Measured(
                String bench, String name, double value, String unit, double target, String bound, boolean met) {

            private static Measured of(Figure figure) {
                return new Measured(
                        figure.bench(),
                        figure.name(),
                        figure.value(),
                        figure.unit(),
                        figure.target(),
                        figure.bound() == Figure.Bound.AT_MOST ? "at most" : "at least",
                        figure.met());
            }
        }
    }

    private static void write(List<Figure> figures, String versions, Path json) {
        Document document = new Document(
                machine(), versions, figures.stream().map(Document.Measured::of).toList());
        try {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), document);
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot write the figures to " + json + ": " + e.getMessage(), e);
        }
    }

    private BenchReport() {}
}
