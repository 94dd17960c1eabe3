package headwater.lake.pipeline;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.List;

/** Collects every fault of a file, so that one run shows them all. */
final class Faults {
    private final String origin;
    private final List<String> faults = new ArrayList<>();

    Faults(String origin) {
        this.origin = origin;
    }

    void add(int line, String fault) {
        faults.add("  line " + line + ": " + fault);
    }

    void throwIfAny() {
        if (!faults.isEmpty()) {
            String count = faults.size() == 1 ? "1 setting is" : faults.size() + " settings are";
            throw new Failure(
                    Remedy.USAGE,
                    "Cannot use the pipeline file " + origin + ", " + count + " invalid:\n"
                            + String.join("\n", faults));
        }
    }
}
