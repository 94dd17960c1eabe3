package headwater.lake.cleanse;

import headwater.lake.parquet.ColumnFile;
import headwater.lake.parquet.DataFile;
import headwater.lake.parquet.RowColumns;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of a cleansed table and of its rejected rows in one pass over a load, where Spark would read and cleanse it for
 * each. A file of the load becomes a file of the table, so that neighbours by key stay together and a later change of a few keys
 * opens few files.
 *
 * @param shape of the rows
 * @param codec of the files
 * @param key whose bounds the files' statistics tell
 */
record InitialFiles(
        StructType shape,
        Part cleansed,
        Part rejected,
        int rule,
        String codec,
        List<String> key,
        SerializableConfiguration configuration)
        implements FlatMapFunction<Iterator<InternalRow>, InitialFiles.Files> {
    /** What opening a file counts for where Spark shares files out to tasks, and how much a task gets. */
    private static final String FILE_COST = "spark.sql.files.openCostInBytes";

    private static final String FILE_SHARE = "spark.sql.files.maxPartitionBytes";

    /**
     * What of the rows goes into a table.
     *
     * @param root its folder
     * @param ordinals of the rows, in the order of the schema
     */
    record Part(String root, StructType schema, int... ordinals) implements Serializable {

        public Part {
            // as Spark makes the columns of a table that it creates
            schema = schema.asNullable();
        }

        /** All columns of a shape but for some. */
        static Part without(String root, StructType shape, List<String> left) {
            int[] ordinals = IntStream.range(0, shape.size())
                    .filter(at -> !left.contains(shape.apply(at).name()))
                    .toArray();
            return new Part(
                    root,
                    new StructType(
                            Arrays.stream(ordinals).mapToObj(shape::apply).toArray(StructField[]::new)),
                    ordinals);
        }
    }

    /** The files that tasks wrote. */
    record Files(List<DataFile> cleansed, List<DataFile> rejected) implements Serializable {

        private Files plus(Files other) {
            cleansed.addAll(other.cleansed);
            rejected.addAll(other.rejected);
            return this;
        }
    }

    /** Writes the files; nothing of them is in a table yet. */
    Files write(Dataset<Row> rows) {
        SparkSession session = rows.sparkSession();
        session.conf().set(FILE_COST, session.conf().get(FILE_SHARE));
        try {
            return rows.queryExecution().toRdd().toJavaRDD().mapPartitions(this).collect().stream()
                    .reduce(new Files(new ArrayList<>(), new ArrayList<>()), Files::plus);
        } finally {
            session.conf().unset(FILE_COST);
        }
    }

    @Override
    public Iterator<Files> call(Iterator<InternalRow> rows) throws IOException {
        RowColumns valid = new RowColumns(shape, cleansed.ordinals());
        RowColumns invalid = new RowColumns(shape, rejected.ordinals());
        Files files = new Files(new ArrayList<>(), new ArrayList<>());
        try (Output all = new Output(cleansed);
                Output broken = new Output(rejected)) {
            while (rows.hasNext()) {
                InternalRow row = rows.next();
                valid.write(row, all.file());
                if (!row.isNullAt(rule)) {
                    invalid.write(row, broken.file());
                }
            }
            all.end(files.cleansed());
            broken.end(files.rejected());
        }
        return List.of(files).iterator();
    }

    /** A file that is begun with its first row. */
    private final class Output implements AutoCloseable {
        private final Part part;
        private @Nullable ColumnFile file;

        private Output(Part part) {
            this.part = part;
        }

        private ColumnFile file() throws IOException {
            ColumnFile open = file;
            if (open == null) {
                Path path = new Path(part.root(), UUID.randomUUID() + ".parquet");
                open = new ColumnFile(
                        path, part.schema(), ColumnFile.bounded(part.schema(), key), codec, configuration.value());
                file = open;
            }
            return open;
        }

        private void end(List<DataFile> files) throws IOException {
            if (file != null) {
                files.add(file.end(new Path(part.root())));
            }
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }
}
