package headwater.publish.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
                + (runtime.maxMemory() >> 20) + " MiB";
    }

    private static void write(List<Figure> figures, String versions, Path json) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode().put("machine", machine()).put("versions", versions);
        ArrayNode all = root.putArray("figures");
        for (Figure figure : figures) {
            all.addObject()
                    .put("bench", figure.bench())
                    .put("name", figure.name())
                    .put("value", figure.value())
                    .put("unit", figure.unit())
                    .put("target", figure.target())
                    .put("bound", figure.bound() == Figure.Bound.AT_MOST ? "at most" : "at least")
                    .put("met", figure.met());
        }
        try {
            mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), root);
        } catch (IOException e) {
            throw new Failure(Remedy.OPERATOR, "Cannot write the figures to " + json + ": " + e.getMessage(), e);
        }
    }

    private BenchReport() {}
}
