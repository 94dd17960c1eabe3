package headwater.publish.report;

import headwater.lake.process.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The semantic model of the Power BI project. */
record PowerBiModel(Map<String, Table> tables, List<Relationship> relationships, List<Tmdl.Node> objects) {
    static final Path PROJECT = Home.folder().resolve("publish/powerbi");

    private static final Path FOLDER = PROJECT.resolve("Headwater.SemanticModel/definition");
    private static final Pattern VIEW = Pattern.compile("\\[Schema = Database, Item = \"([^\"]+)\"]");
    private static final Pattern PATH = Pattern.compile("('(?:[^']|'')+'|\\w+)\\.('(?:[^']|'')+'|\\w+)");

    /** A column by its name in MySQL and in the model, which are the same. */
    record Column(String name, String type, Map<String, String> properties) {}

    /**
     * A table.
     *
     * @param view that its rows come from
     * @param query in M
     * @param measures name to DAX
     */
    record Table(String name, String view, String query, Map<String, Column> columns, Map<String, String> measures) {}

    /** A column of a table. */
    record Field(String table, String column) {
        static Field parse(String path) {
            Matcher matcher = PATH.matcher(path);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(path + " is not Table.Column");
            }
            return new Field(Tmdl.unquoted(matcher.group(1)), Tmdl.unquoted(matcher.group(2)));
        }
    }

    /** Many rows of one table to one of another. */
    record Relationship(Field from, Field to) {}

    /** Reads the project's. */
    static PowerBiModel read() {
        List<Tmdl.Node> objects = new ArrayList<>();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".tmdl")).toList()) {
                objects.addAll(Tmdl.parse(file.getFileName().toString(), Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Table> tables = new LinkedHashMap<>();
        of(objects, "table").forEach(table -> tables.put(table.name(), table(table)));
        List<Relationship> relationships = of(objects, "relationship").stream()
                .map(node -> new Relationship(
                        Field.parse(node.properties().get("fromColumn")),
                        Field.parse(node.properties().get("toColumn"))))
                .toList();
        return new PowerBiModel(tables, relationships, objects);
    }

    boolean hasColumn(Field field) {
        return tables.containsKey(field.table())
                && tables.get(field.table()).columns().containsKey(field.column());
    }

    boolean hasMeasure(Field field) {
        return tables.containsKey(field.table())
                && tables.get(field.table()).measures().containsKey(field.column());
    }

    List<Tmdl.Node> objects(String kind) {
        return of(objects, kind);
    }

    private static List<Tmdl.Node> of(List<Tmdl.Node> objects, String kind) {
        return objects.stream().filter(node -> node.kind().equals(kind)).toList();
    }

    private static Table table(Tmdl.Node node) {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (Tmdl.Node column : node.children("column")) {
            columns.put(
                    column.name(),
                    new Column(
                            column.properties().get("sourceColumn"),
                            column.properties().get("dataType"),
                            column.properties()));
        }
        Map<String, String> measures = new LinkedHashMap<>();
        node.children("measure").forEach(measure -> measures.put(measure.name(), measure.expression()));
        String query = node.children("partition").get(0).properties().get("source");
        Matcher view = VIEW.matcher(query);
        if (!view.find()) {
            throw new IllegalArgumentException("The table " + node.name() + " reads no view: " + query);
        }
        return new Table(node.name(), view.group(1), query, columns, measures);
    }
}
