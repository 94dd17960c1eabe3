package headwater.publish.report;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import headwater.lake.embedded.EmbeddedMySql;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.publish.report.PowerBiModel.Column;
import headwater.publish.report.PowerBiModel.Relationship;
import headwater.publish.report.PowerBiModel.Table;
import headwater.publish.setup.TargetSchema;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the semantic model expects of MySQL is there, for the user that may only read. */
class PowerBiViewsIT {
    private static final Lsn LSN = new Lsn((0x2AL << 32) + 0x16B3748);

    private static final Map<String, String> MODEL_TYPES = Map.of(
            "SMALLINT", "int64",
            "INT", "int64",
            "BIGINT", "int64",
            "CHAR", "string",
            "VARCHAR", "string",
            "DECIMAL", "decimal",
            "DATETIME", "dateTime");

    private static EmbeddedMySql mySql;
    private static Pipeline pipeline;

    private final PowerBiModel model = PowerBiModel.read();

    @BeforeAll
    static void publish() throws SQLException {
        mySql = EmbeddedMySql.start(Path.of("target", "power-bi").toAbsolutePath());
        pipeline = PipelineFile.read(PipelineFile.SHIPPED, PowerBiViewsIT::environment);
        new TargetSchema(pipeline).setUp(new PrintWriter(new StringWriter(), true));
        try (Connection connection = pipeline.target().open();
                Statement statement = connection.createStatement()) {
            for (String rows : List.of(
                    "state_summary VALUES (2019, 'CA', 'California', 1, 1, 7, 70.00, 1, 10),"
                            + " (2020, 'CA', 'California', 2, 2, 110, 1100.00, 1, 10),"
                            + " (2020, 'NY', 'New York', 1, 1, 30, 300.50, 1, 10)",
                    "prescriber_report VALUES"
                            + " (2019, 'CA', 1003000126, 'Ann Lee', 'Dentist', 'Individual', 'California', 7, 70.00, 1),"
                            + " (2020, 'CA', 1003000126, 'Ann Lee', 'Dentist', 'Individual', 'California', 60, 500.00, 1),"
                            + " (2020, 'CA', 1003000134, NULL, 'Dentist', 'Individual', 'California', 50, 600.00, 1),"
                            + " (2020, 'NY', 1003000126, 'Ann B Lee', 'Dentist', 'Individual', 'New York', 30, 300.50, 1)",
                    "multi_state_prescriber SELECT year, presc_id, state_code, presc_fullname, presc_specialty, presc_type,"
                            + " total_claims, total_drug_cost FROM prescriber_report"
                            + " WHERE year = 2020 AND presc_id = 1003000126",
                    "drug_report VALUES (2020, 'CA', 'Zithromax', 'Azithromycin', 'Antibiotic', 50, 500.50, 1.5, 30, 2)",
                    "headwater_publication (pipeline, source_epoch, lsn, state, committed_at, rows_upserted, rows_deleted)"
                            + " VALUES ('medicare-part-d', 1, " + LSN.value()
                            + ", 'complete', '2021-03-04 05:06:07.5', 9, 0),"
                            + " ('another', 1, 1, 'complete', '2021-03-04 05:06:07.5', 9, 0)")) {
                statement.execute("INSERT INTO " + rows);
            }
        }
    }

    @AfterAll
    static void stop() {
        mySql.close();
    }

    @Test
    void everyColumnOfTheModelIsOneOfItsViewWithAMatchingType() throws SQLException {
        for (Table table : model.tables().values()) {
            Map<String, String> expected = new LinkedHashMap<>();
            for (Column column : table.columns().values()) {
                expected.put(column.name(), column.type());
            }
            assertThat(typesOf(table.view())).as(table.view()).containsExactlyEntriesOf(expected);
        }
    }

    @Test
    void aRowOfManyFindsExactlyOneOfTheOther() throws SQLException {
        assertThat(model.relationships()).isNotEmpty();
        for (Relationship relationship : model.relationships()) {
            String from = view(relationship.from().table());
            String to = view(relationship.to().table());
            String column = "`" + relationship.to().column() + "`";
            assertThat(query("SELECT count(*) - count(DISTINCT " + column + ") FROM " + to))
                    .containsExactly("0");
            assertThat(query("SELECT count(*) FROM " + from + " WHERE `"
                            + relationship.from().column() + "` NOT IN (SELECT " + column + " FROM " + to + ")"))
                    .containsExactly("0");
        }
    }

    @Test
    void aPrescriberOfSeveralStatesHasOneNameAndTheNewestYearIsMarked() throws SQLException {
        assertThat(query("SELECT concat_ws('|', `Year`, `State code`, `Prescriber`, `Claims`) FROM `prescriber report`"
                        + " ORDER BY `Year`, `NPI`, `State code`"))
                .containsExactly(
                        "2019|CA|Ann Lee (1003000126)|7",
                        "2020|CA|Ann Lee (1003000126)|60",
                        "2020|NY|Ann Lee (1003000126)|30",
                        "2020|CA|(1003000134)|50");
        assertThat(query("SELECT concat(`Year`, ' ', `Shown as`) FROM `report year` ORDER BY `Year`"))
                .containsExactly("2019 2019", "2020 Newest");
    }

    @Test
    void thePublicationIsThatOfThePipelineInUtcWhateverTheSessionsTimeZone() throws SQLException {
        assertThat(query("SELECT concat_ws(' ', `LSN`, `Committed at`, `State`) FROM `report publication`"))
                .containsExactly(LSN + " 2021-03-04 05:06:07.500000 complete");
    }

    /** Column to the model's type for it, as a reader sees them. */
    private static Map<String, String> typesOf(String view) throws SQLException {
        Map<String, String> types = new LinkedHashMap<>();
        try (Connection connection = pipeline.reader().open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM `" + view + "`")) {
            assertThat(rows.next()).as("%s has a row", view).isTrue();
            ResultSetMetaData columns = rows.getMetaData();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                types.put(
                        columns.getColumnLabel(i),
                        MODEL_TYPES.getOrDefault(columns.getColumnTypeName(i), columns.getColumnTypeName(i)));
            }
        }
        return types;
    }

    /** As the report user, far from UTC. */
    private static List<String> query(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = pipeline.reader().open();
                Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '-07:00'");
            try (ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    values.add(row.getString(1));
                }
            }
        }
        return values;
    }

    private String view(String table) {
        return "`" + model.tables().get(table).view() + "`";
    }

    private static String environment(String name) {
        return switch (name) {
            case "HEADWATER_TARGET_URL" -> mySql.url();
            case "HEADWATER_TARGET_USER" -> EmbeddedMySql.USER;
            case "HEADWATER_TARGET_PASSWORD" -> mySql.password();
            case "HEADWATER_REPORT_USER" -> EmbeddedMySql.REPORT_USER;
            case "HEADWATER_REPORT_PASSWORD" -> mySql.reportPassword();
            default -> PowerBiModelTest.environment(name);
        };
    }
}
