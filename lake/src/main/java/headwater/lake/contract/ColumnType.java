package headwater.lake.contract;

/** The few types that the tables written by capture use. */
public enum ColumnType {
    INTEGER,
    LONG,
    STRING,
    DATE,
    TIMESTAMP
}
