package headwater.lake.pipeline;

import headwater.lake.process.DurationText;
import headwater.lake.process.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * One mapping of the YAML file. A reader method never fails: a fault is noted with its line and a harmless value
 * returned, so that the next setting is read too.
 */
final class Section {
    private final String path;
    private final int line;
    private final Map<String, Node> values;
    private final Faults faults;
    private final Substitution substitution;

    private Section(String path, int line, Map<String, Node> values, Faults faults, Substitution substitution) {
        this.path = path;
        this.line = line;
        this.values = values;
        this.faults = faults;
        this.substitution = substitution;
    }

    static Section of(String path, Node node, Faults faults, Substitution substitution) {
        int line = node.getStartMark().getLine() + 1;
        Map<String, Node> values = new LinkedHashMap<>();
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                values.put(((ScalarNode) tuple.getKeyNode()).getValue(), tuple.getValueNode());
            }
        } else {
            faults.add(line, (path.isEmpty() ? "the file" : path) + " must be a mapping of keys to values");
        }
        return new Section(path, line, values, faults, substitution);
    }

    String path() {
        return path;
    }

    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    int line() {
        return line;
    }

    int line(String key) {
        Node value = values.get(key);
        return value == null ? line : value.getStartMark().getLine() + 1;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** Names every key that is not among {@link PipelineKeys}. */
    void checkKeys() {
        List<String> known = PipelineKeys.of(path);
        values.keySet().stream()
                .filter(key -> !known.contains(key))
                .forEach(key -> faults.add(line(key), at(key) + " is not a setting" + DidYouMean.hint(key, known)));
    }

    Section required(String key) {
        if (!has(key)) {
            faults.add(line, at(key) + " is not set");
        }
        return section(key);
    }

    /** The mapping below a key, empty if absent. */
    Section section(String key) {
        Node value = values.get(key);
        return value == null
                ? new Section(at(key), line, Map.of(), faults, substitution)
                : of(at(key), value, faults, substitution);
    }

    /** The mappings below all keys of this one. */
    List<Section> entries() {
        return values.keySet().stream().map(this::section).toList();
    }

    /** All values of this mapping as texts, in order. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.keySet().forEach(key -> texts.put(key, text(key)));
        return texts;
    }

    String text(String key) {
        if (!has(key)) {
            faults.add(line, at(key) + " is not set");
        }
        return text(key, "");
    }

    String text(String key, String otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (values.get(key) instanceof ScalarNode scalar) {
            return substitution.apply(at(key), line(key), scalar.getValue().strip());
        }
        faults.add(line(key), at(key) + " must be a single value");
        return "";
    }

    /** @param such what the pattern says, in words that follow "must be" */
    String matching(String key, String pattern, String such) {
        String text = text(key);
        if (!text.isEmpty() && !text.matches(pattern)) {
            faults.add(line(key), at(key) + " must be " + such + " (is \"" + text + "\")");
        }
        return text;
    }

    String matching(String key, String pattern, String such, String otherwise) {
        return has(key) ? matching(key, pattern, such) : otherwise;
    }

    String oneOf(String key, String otherwise, String... allowed) {
        String text = text(key, otherwise);
        if (!Arrays.asList(allowed).contains(text)) {
            faults.add(line(key), at(key) + " must be one of " + String.join(", ", allowed) + " (is \"" + text + "\")");
            return otherwise;
        }
        return text;
    }

    int number(String key, int otherwise, int least, int most) {
        String text = text(key, String.valueOf(otherwise));
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // named below, with the range
        }
        faults.add(
                line(key),
                at(key) + " must be a whole number from " + least + " to " + most + " (is \"" + text + "\")");
        return otherwise;
    }

    Duration duration(String key, String otherwise) {
        String text = text(key, otherwise);
        return DurationText.parse(text).orElseGet(() -> {
            faults.add(line(key), at(key) + " must be a duration such as 10s (is \"" + text + "\")");
            return Duration.ofSeconds(1);
        });
    }

    /** A list of names, at least one, none twice. */
    List<String> names(String key) {
        List<String> names = new ArrayList<>();
        if (!(values.get(key) instanceof SequenceNode sequence)) {
            faults.add(line(key), at(key) + " must be a list of column names such as [id]");
            return names;
        }
        for (Node item : sequence.getValue()) {
            if (item instanceof ScalarNode scalar && !names.contains(scalar.getValue())) {
                names.add(scalar.getValue());
            } else {
                faults.add(item.getStartMark().getLine() + 1, at(key) + " must hold each name once");
            }
        }
        if (names.isEmpty()) {
            faults.add(line(key), at(key) + " must name at least one column");
        }
        return names;
    }

    Secret secret(String key) {
        if (!(values.get(key) instanceof ScalarNode scalar)) {
            faults.add(line(key), at(key) + " is not set");
            return new Secret("");
        }
        return PipelineFile.secret(at(key), line(key), scalar.getValue(), substitution.environment(), faults);
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
