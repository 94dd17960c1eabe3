package headwater.lake.table;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.delta.DeltaLog;
import org.apache.spark.sql.delta.Snapshot;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.files.TahoeBatchFileIndex;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Files of a table for a plan. Delta's own index runs a Spark job over them whenever the planner asks, twice for each read of
 * a table with deletion vectors; where no partition is left out, they are what they are.
 */
final class PinnedFiles extends TahoeBatchFileIndex {

    PinnedFiles(SparkSession session, DeltaLog log, Snapshot snapshot, Seq<AddFile> files) {
        super(session, "batch", files, log, log.dataPath(), snapshot, false);
    }

    @Override
    public Seq<AddFile> matchingFiles(Seq<Expression> partitionFilters, Seq<Expression> dataFilters) {
        boolean all = JavaConverters.seqAsJavaList(partitionFilters).stream()
                .allMatch(filter -> filter.equals(Literal.TrueLiteral()));
        return all ? addFiles() : super.matchingFiles(partitionFilters, dataFilters);
    }
}
