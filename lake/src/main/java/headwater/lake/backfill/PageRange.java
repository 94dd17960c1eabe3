package headwater.lake.backfill;

import org.apache.spark.sql.connector.read.InputPartition;

/**
 * A range of pages of one table without partitions, the unit of parallel reading.
 *
 * @param leaf the table itself, or one of its partitions
 * @param from first page
 * @param to page after the last; negative for no end, as rows may have been added since the table was measured
 */
record PageRange(String leaf, long from, long to) implements InputPartition {

    /** The COPY that reads it. */
    String copy(Iterable<SourceColumn> columns) {
        StringBuilder list = new StringBuilder();
        for (SourceColumn column : columns) {
            list.append(list.isEmpty() ? "" : ", ").append(column.sql());
        }
        String upper = to < 0 ? "" : " AND ctid < '(" + to + ",0)'::tid";
        return "COPY (SELECT " + list + " FROM ONLY " + leaf + " WHERE ctid >= '(" + from + ",0)'::tid" + upper
                + ") TO STDOUT (FORMAT binary)";
    }
}
