package headwater.capture;

/**
 * A column of a {@link ModelTable}.
 *
 * @param number stays the same whatever the column is called
 * @param missing the value of rows that were last written before the column was added, or null
 */
record ModelColumn(int number, String name, ModelType type, boolean required, String missing) {

    ModelColumn renamed(String to) {
        return new ModelColumn(number, to, type, required, missing);
    }

    ModelColumn retyped(ModelType to) {
        return new ModelColumn(number, name, to, required, to.text(missing));
    }

    String ddl() {
        return name + " " + type.sql() + (required ? " NOT NULL" : "");
    }
}
