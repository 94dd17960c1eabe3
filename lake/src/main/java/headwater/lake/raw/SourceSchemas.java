package headwater.lake.raw;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.LakeLayout;
import headwater.lake.pipeline.TableSpec;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import headwater.lake.table.TableLog;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import scala.collection.JavaConverters;

/**
 * The shapes under which changes of one source table were captured. A change whose shape lacks a column that the pipeline
 * file reads must not be merged: the column would become null, row by row.
 */
public final class SourceSchemas {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SparkSession session;
    private final TableLog log;
    private final TableSpec spec;
    private final Map<String, Set<String>> columns = new HashMap<>();
    private final Set<String> read = new TreeSet<>();

    public SourceSchemas(SparkSession session, LakeLayout layout, TableSpec spec) {
        this.session = session;
        this.log = TableLog.at(session, layout.rawSchemas());
        this.spec = spec;
    }

    /**
     * Refuses changes without a column that is read.
     *
     * @param ids of the schemas of changes that have a new row
     * @param source names of the source table's columns as its loads have them
     */
    public void require(Collection<String> ids, Collection<String> source) {
        Set<String> missing = new TreeSet<>();
        for (String id : ids) {
            Set<String> has = columnsOf(id);
            if (!has.isEmpty()) {
                read().stream()
                        .filter(name -> !has.contains(name))
                        .filter(name -> source.stream().anyMatch(name::equalsIgnoreCase))
                        .forEach(missing::add);
            }
        }
        if (!missing.isEmpty()) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot merge changes of " + spec.source() + " into cleansed/" + spec.name()
                            + ": they have no column " + String.join(", ", missing)
                            + ", which the pipeline file reads. Was it renamed or dropped in the source? Correct tables."
                            + spec.name() + " of the pipeline file, run \"./headwater backfill --table " + spec.name()
                            + "\" and start \"./headwater merge\" again.");
        }
    }

    /** In lower case, as Spark takes names; empty if raw/schemas does not know the id. */
    private Set<String> columnsOf(String id) {
        if (!columns.containsKey(id) && log.exists()) {
            log.files()
                    .rows(session)
                    .select("schema_id", "columns")
                    .collectAsList()
                    .forEach(row -> columns.put(row.getString(0), names(row.getString(1))));
        }
        return columns.computeIfAbsent(id, unknown -> Set.of());
    }

    private static Set<String> names(String json) {
        try {
            Set<String> names = new TreeSet<>();
            for (JsonNode column : JSON.readTree(json)) {
                names.add(column.get("name").asText().toLowerCase(Locale.ROOT));
            }
            return names;
        } catch (JsonProcessingException e) {
            throw new Failure(Remedy.BUG, "Cannot read the columns in raw/schemas: " + e.getOriginalMessage(), e);
        }
    }

    /** Every name in the expressions and rules that may be a source column, in lower case. */
    private Set<String> read() {
        if (read.isEmpty()) {
            spec.columns().values().forEach(this::addNames);
            spec.rules().forEach(rule -> addNames(rule.condition()));
        }
        return read;
    }

    private void addNames(String sql) {
        try {
            Expression expression = session.sessionState().sqlParser().parseExpression(sql);
            for (Expression leaf : JavaConverters.seqAsJavaList(expression.collectLeaves())) {
                if (leaf instanceof UnresolvedAttribute name) {
                    read.add(name.nameParts().head().toLowerCase(Locale.ROOT));
                }
            }
        } catch (ParseException e) {
            throw new Failure(
                    Remedy.OPERATOR,
                    "Cannot read \"" + sql + "\" of tables." + spec.name() + " as Spark SQL: " + e.getMessage()
                            + ". Correct the pipeline file.",
                    e);
        }
    }
}
