package headwater.publish.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the Tabular Model Definition Language: objects and properties, one a line, that belong together by tabs before
 * them. It knows the objects and properties that the model uses and refuses any other, so a misspelt one is a fault.
 */
final class Tmdl {
    private static final Map<String, Set<String>> OBJECTS = Map.of(
            "file", Set.of("database", "model", "ref table", "table", "expression", "relationship"),
            "model", Set.of("annotation"),
            "table", Set.of("measure", "column", "partition"));
    private static final Map<String, Set<String>> PROPERTIES = Map.of(
            "database", Set.of("compatibilityLevel"),
            "model", Set.of("culture", "defaultPowerBIDataSourceVersion", "sourceQueryCulture"),
            "relationship", Set.of("fromColumn", "toColumn"),
            "measure", Set.of("formatString"),
            "column", Set.of("dataType", "formatString", "summarizeBy", "sourceColumn", "sortByColumn"),
            "partition", Set.of("mode"));
    private static final Map<String, Set<String>> FLAGS =
            Map.of("model", Set.of("discourageImplicitMeasures"), "column", Set.of("isHidden"));
    private static final Map<String, Set<String>> EXPRESSIONS = Map.of("partition", Set.of("source"));

    private static final Pattern PROPERTY = Pattern.compile("(\\w+): (\\S.*)");
    private static final Pattern NAMED = Pattern.compile("(ref table|\\w+) ('(?:[^']|'')+'|\\w+)(?: =(?: (\\S.*))?)?");
    private static final Pattern UNNAMED = Pattern.compile("(\\w+)( =)?");

    /**
     * An object.
     *
     * @param name without quotes, empty if it has none
     * @param expression what stands after {@code =}, on its line or the lines below; empty if nothing does
     * @param properties flags among them as {@code true}
     */
    record Node(
            String kind,
            String name,
            String expression,
            String description,
            Map<String, String> properties,
            List<Node> children) {

        List<Node> children(String of) {
            return children.stream().filter(child -> child.kind.equals(of)).toList();
        }
    }

    private record Line(int number, int depth, String text) {}

    private final String file;
    private final List<Line> lines = new ArrayList<>();
    private int at;

    private Tmdl(String file, String text) {
        this.file = file;
        List<String> all = text.lines().toList();
        for (int i = 0; i < all.size(); i++) {
            String line = all.get(i);
            if (!line.isBlank()) {
                int depth = line.length() - line.replaceFirst("^\t+", "").length();
                lines.add(new Line(i + 1, depth, line.substring(depth)));
            }
        }
    }

    /** The objects of a file; a fault is an {@link IllegalArgumentException} that names its line. */
    static List<Node> parse(String file, String text) {
        Node root = new Node("file", "", "", "", new LinkedHashMap<>(), new ArrayList<>());
        Tmdl tmdl = new Tmdl(file, text);
        tmdl.read(root, 0);
        if (tmdl.at < tmdl.lines.size()) {
            throw tmdl.fault(tmdl.lines.get(tmdl.at), "is indented too far");
        }
        return root.children();
    }

    /** A name as it stands in the text, without its quotes. */
    static String unquoted(String name) {
        return name.startsWith("'") ? name.substring(1, name.length() - 1).replace("''", "'") : name;
    }

    private void read(Node parent, int depth) {
        StringBuilder description = new StringBuilder();
        while (at < lines.size() && lines.get(at).depth() == depth) {
            Line line = lines.get(at++);
            if (line.text().startsWith("/// ")) {
                description.append(line.text().substring(4));
            } else {
                readOne(parent, line, description.toString());
                description.setLength(0);
            }
        }
    }

    private void readOne(Node parent, Line line, String description) {
        Matcher property = PROPERTY.matcher(line.text());
        Matcher named = NAMED.matcher(line.text());
        Matcher unnamed = UNNAMED.matcher(line.text());
        if (property.matches() && has(PROPERTIES, parent, property.group(1))) {
            put(parent, line, property.group(1), property.group(2));
        } else if (named.matches() && has(OBJECTS, parent, named.group(1))) {
            boolean below = line.text().endsWith(" =");
            String expression = below ? below(line) : String.valueOf(named.group(3));
            add(parent, named.group(1), unquoted(named.group(2)), expression, description, line);
        } else if (unnamed.matches() && has(OBJECTS, parent, line.text())) {
            add(parent, line.text(), "", "", description, line);
        } else if (unnamed.matches() && has(FLAGS, parent, line.text())) {
            put(parent, line, line.text(), "true");
        } else if (unnamed.matches() && unnamed.group(2) != null && has(EXPRESSIONS, parent, unnamed.group(1))) {
            put(parent, line, unnamed.group(1), below(line));
        } else {
            throw fault(line, "is neither an object nor a property of a " + parent.kind());
        }
    }

    private void add(Node parent, String kind, String name, String expression, String description, Line line) {
        Node node = new Node(kind, name, expression, description, new LinkedHashMap<>(), new ArrayList<>());
        parent.children().add(node);
        read(node, line.depth() + 1);
    }

    /** The lines of an expression stand two levels below, so that no property of the object can be taken for one. */
    private String below(Line line) {
        StringBuilder expression = new StringBuilder();
        while (at < lines.size() && lines.get(at).depth() >= line.depth() + 2) {
            Line part = lines.get(at++);
            expression.append("\t".repeat(part.depth())).append(part.text()).append('\n');
        }
        if (expression.isEmpty()) {
            throw fault(line, "has no expression below it");
        }
        return expression.toString();
    }

    private void put(Node parent, Line line, String key, String value) {
        if (parent.properties().put(key, value) != null) {
            throw fault(line, "stands twice");
        }
    }

    private static boolean has(Map<String, Set<String>> known, Node parent, String word) {
        return known.getOrDefault(parent.kind(), Set.of()).contains(word);
    }

    private IllegalArgumentException fault(Line line, String what) {
        return new IllegalArgumentException(file + " line " + line.number() + ": \"" + line.text() + "\" " + what);
    }
}
