package headwater.lake.cleanse;

import headwater.lake.raw.Position;

/** Which rows of a table give way to the rows that have their keys. */
enum Guard {
    /** Older ones: rows of changes may come again. */
    NEWER {
        @Override
        boolean replaces(Position row, Position old) {
            return row.compareTo(old) > 0;
        }

        @Override
        String replaces(String row, String old) {
            return Position.newer(row, old);
        }
    },
    /** All: the rows were compared with the present ones, and are what the table has to hold. */
    NONE {
        @Override
        boolean replaces(Position row, Position old) {
            return true;
        }

        @Override
        String replaces(String row, String old) {
            return "true";
        }
    };

    abstract boolean replaces(Position row, Position old);

    /** The same in Spark SQL, of two rows with the position columns of cleansed tables. */
    abstract String replaces(String row, String old);
}
