package headwater.lake.curate;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.TestingSpark;
import headwater.lake.table.CollectedRows;
import headwater.lake.table.NetImages;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A change of columns that a query does not read is none to it. */
class UsedColumnsTest {
    private static final StructType CITY = new StructType()
            .add("id", DataTypes.LongType)
            .add("state", DataTypes.StringType)
            .add("name", DataTypes.StringType)
            .add("population", DataTypes.LongType);

    private final SparkSession spark = TestingSpark.any();

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT state, min_by(name, id) AS name FROM city GROUP BY state                        | id state name
            SELECT state, count(*) AS cities FROM (SELECT * FROM city) GROUP BY state              | state
            SELECT count(*) AS cities FROM city                                                    |
            SELECT * FROM city                                                                     | id state name population
            SELECT a.id FROM city a JOIN city b ON a.name = b.name WHERE b.population > 1          | id name population
            SELECT 1 AS one FROM kind WHERE letter IN (SELECT state FROM city WHERE population > 1) | state population
            WITH c AS (SELECT *, count(*) OVER (PARTITION BY state) AS n FROM city) SELECT name FROM c WHERE n > 1 | state name
            """)
    void whatIsLeftOfAQuerysPlanIsUsed(String query, String expected) {
        UsedColumns used = new UsedColumns(spark);
        used.table("city", CITY);
        used.constants("kind", "SELECT 'a' AS letter");
        used.add("city", "city", query);

        CollectedRows images = images(row(1, "TX", "Waco", 5, -1), row(2, "CA", "Ojai", 6, 1));

        assertThat(used.of("city", images).schema().fieldNames())
                .containsExactly((expected == null ? NetImages.NET : expected + " " + NetImages.NET).split(" "));
    }

    @Test
    void imagesThatDifferOnlyInOtherColumnsCancelEachOtherOutAndEqualOnesOfOneSideDoNot() {
        UsedColumns used = new UsedColumns(spark);
        used.table("city", CITY);
        used.add("city", "city", "SELECT state, max(name) AS name FROM city GROUP BY state");

        Row[] images = {
            row(1, "TX", "Waco", 5, -1),
            row(1, "TX", "Waco", 6, 1),
            row(2, "CA", "Ojai", 6, 1),
            row(3, "CA", "Ojai", 7, 1),
            row(4, null, "Nome", 8, -1),
            row(4, null, "Gnome", 8, 1)
        };

        assertThat(used.of("city", images(images)).rows().orElseThrow())
                .containsExactlyInAnyOrder(
                        RowFactory.create("CA", "Ojai", 2L),
                        RowFactory.create(null, "Nome", -1L),
                        RowFactory.create(null, "Gnome", 1L));
    }

    @Test
    void whatTwoQueriesReadIsUsed() {
        UsedColumns used = new UsedColumns(spark);
        used.table("city", CITY);
        used.table("changes", CITY);
        used.add("city", "city", "SELECT state, count(*) AS cities FROM city GROUP BY state");
        used.add("city", "changes", "SELECT state FROM changes WHERE id > 1");

        assertThat(used.of("city", images(row(1, "TX", "Waco", 5, 1))).schema().fieldNames())
                .containsExactly("id", "state", NetImages.NET);
    }

    private static CollectedRows images(Row... rows) {
        return CollectedRows.of(List.of(rows), NetImages.shape(CITY));
    }

    private static Row row(long id, String state, String name, long population, long net) {
        return RowFactory.create(id, state, name, population, net);
    }
}
