package headwater.publish.mart;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.pipeline.CuratedSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetStatementsTest {
    private static final TargetStatements SALES = new TargetStatements(spec(List.of("year", "item")));

    @Test
    void anUpsertSetsEveryColumnOutsideTheKey() {
        assertThat(SALES.upsert())
                .isEqualTo("INSERT INTO `sales` (`year`, `item`, `total`) VALUES (?, ?, ?)"
                        + " ON DUPLICATE KEY UPDATE `total` = VALUES(`total`)");
    }

    @Test
    void aTableOfKeysOnlyCanBeUpserted() {
        assertThat(new TargetStatements(spec(List.of("year", "item", "total"))).upsert())
                .endsWith("ON DUPLICATE KEY UPDATE `year` = VALUES(`year`)");
    }

    @Test
    void keyColumnsAreNotNull() {
        assertThat(SALES.createTable("utf8mb4_0900_bin"))
                .isEqualTo("CREATE TABLE `sales` (`year` smallint NOT NULL, `item` varchar(20) NOT NULL,"
                        + " `total` decimal(10,2) NULL, PRIMARY KEY (`year`, `item`))"
                        + " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin");
    }

    @Test
    void rowsThatWereNotStagedAreDeletedWithinTheirPartition() {
        assertThat(SALES.deleteUnstaged(List.of("year", "item"), List.of("year"), 50))
                .isEqualTo("DELETE FROM `sales` WHERE NOT EXISTS (SELECT 1 FROM `headwater_stage_sales` s"
                        + " WHERE s.`year` = `sales`.`year` AND s.`item` = `sales`.`item`) AND `year` = ? LIMIT 50");
    }

    @Test
    void aBacktickCannotEndAnIdentifier() {
        assertThat(TargetStatements.quote("a`b")).isEqualTo("`a``b`");
    }

    private static CuratedSpec spec(List<String> key) {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("year", "smallint");
        columns.put("item", "varchar(20)");
        columns.put("total", "decimal(10,2)");
        return new CuratedSpec("sales", key, List.of("year"), "", Map.of(), columns, Map.of(), true);
    }
}
