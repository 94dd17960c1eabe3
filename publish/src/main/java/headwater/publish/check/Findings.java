package headwater.publish.check;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Collects what was found, so that one fault never hides another. */
public final class Findings {
    private final List<Finding> all = new ArrayList<>();

    public void fine(String text) {
        add(Finding.Kind.FINE, text);
    }

    public void warning(String text) {
        add(Finding.Kind.WARNING, text);
    }

    /** A fault that setup mends. */
    public void unprepared(String text) {
        add(Finding.Kind.UNPREPARED, text);
    }

    public void fault(String text) {
        add(Finding.Kind.FAULT, text);
    }

    public List<Finding> all() {
        return List.copyOf(all);
    }

    /** How many things the pipeline cannot run with, those that setup mends included. */
    public int faults() {
        return (int) all.stream().filter(Finding::isFault).count();
    }

    /**
     * Ends a command that these faults stand in the way of.
     *
     * @param doing such as {@code set up the pipeline shop}
     * @throws Failure OPERATOR with every fault that setup cannot mend
     */
    public void requireNone(String doing) {
        List<String> faults = all.stream()
                .filter(finding -> finding.kind() == Finding.Kind.FAULT)
                .map(Finding::text)
                .toList();
        if (faults.size() == 1) {
            throw new Failure(Remedy.OPERATOR, faults.get(0));
        }
        if (!faults.isEmpty()) {
            throw new Failure(
                    Remedy.OPERATOR,
                    faults.stream()
                            .collect(Collectors.joining(
                                    "\n  ",
                                    "Cannot " + doing + ", " + faults.size() + " things are at fault:\n  ",
                                    "")));
        }
    }

    private void add(Finding.Kind kind, String text) {
        all.add(new Finding(kind, text));
    }
}
