package headwater.publish.mart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.publish.delta.CuratedColumn;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.TimestampType;
import org.junit.jupiter.api.Test;

class PublishedColumnTest {

    @Test
    void aTooLongStringIsNamedByTableAndColumnAndNotShown() {
        PublishedColumn city = PublishedColumn.of("sales", new CuratedColumn("city", StringType.STRING), "varchar(3)");

        assertThat(city.checked("abc")).isEqualTo("abc");
        assertThat(city.checked("\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00")).isNotNull();
        assertThatThrownBy(() -> city.checked("Springfield"))
                .hasMessageContaining(
                        "Cannot publish sales: column city is varchar(3) in MySQL, but a value has 11 characters")
                .hasMessageContaining("curated.sales.columns.city")
                .hasMessageNotContaining("Springfield");
    }

    @Test
    void blanksThatMySqlWouldCutAreRefused() {
        assertThatThrownBy(() -> PublishedColumn.of("sales", new CuratedColumn("city", StringType.STRING), "varchar(3)")
                        .checked("abc "))
                .hasMessageContaining("4 characters");
        assertThatThrownBy(() -> PublishedColumn.of("sales", new CuratedColumn("state", StringType.STRING), "char(2)")
                        .checked("A "))
                .hasMessageContaining("ends with a blank");
    }

    @Test
    void aTypeThatWouldRoundIsRefused() {
        PublishedColumn.of("sales", new CuratedColumn("total", new DecimalType(20, 2)), "decimal(20,2)");
        PublishedColumn.of("sales", new CuratedColumn("total", new DecimalType(20, 2)), "NUMERIC (20, 4)");
        assertThatThrownBy(() -> PublishedColumn.of(
                        "sales", new CuratedColumn("total", new DecimalType(20, 2)), "decimal(20,1)"))
                .hasMessageContaining("the curated table's type is Decimal(20, 2)");
        assertThatThrownBy(
                        () -> PublishedColumn.of("sales", new CuratedColumn("at", TimestampType.TIMESTAMP), "datetime"))
                .hasMessageContaining("column at is datetime in MySQL");
        PublishedColumn.of("sales", new CuratedColumn("at", TimestampType.TIMESTAMP), "datetime(6)");
        PublishedColumn.of("sales", new CuratedColumn("claims", LongType.LONG), "bigint unsigned");
        PublishedColumn.of("sales", new CuratedColumn("rate", DoubleType.DOUBLE), "double");
        assertThatThrownBy(
                        () -> PublishedColumn.of("sales", new CuratedColumn("rate", DoubleType.DOUBLE), "double(10,2)"))
                .hasMessageContaining("column rate is double(10,2) in MySQL");
        assertThatThrownBy(() -> PublishedColumn.of("sales", new CuratedColumn("rate", FloatType.FLOAT), "float(7, 2)"))
                .hasMessageContaining("column rate is float(7, 2) in MySQL");
    }

    @Test
    void valuesThatMySqlTakesForOthersAreRefused() {
        PublishedColumn grade =
                PublishedColumn.of("sales", new CuratedColumn("grade", StringType.STRING), "enum('low','mid','3')");
        assertThat(grade.checked("mid")).isEqualTo("mid");
        assertThat(grade.checked("3")).isEqualTo("3");
        assertThatThrownBy(() -> grade.checked("2")).hasMessageContaining("takes for the place of one");

        PublishedColumn rate = PublishedColumn.of("sales", new CuratedColumn("rate", DoubleType.DOUBLE), "double");
        assertThat(rate.checked(1.5)).isEqualTo(1.5);
        assertThatThrownBy(() -> rate.checked(Double.NaN)).hasMessageContaining("a value is NaN or infinite");
        assertThatThrownBy(() -> rate.checked(Double.NEGATIVE_INFINITY)).hasMessageContaining("NaN or infinite");
    }

    @Test
    void numbersInJsonAreKeptOrRefused() {
        PublishedColumn document =
                PublishedColumn.of("sales", new CuratedColumn("document", StringType.STRING), "json");
        for (String kept : new String[] {
            "{\"a\": [1, -9223372036854775808, 18446744073709551615, 0.1, 1e3, 2.50]}",
            "\"12345678901234567890123\"",
            "null"
        }) {
            assertThat(document.checked(kept)).isEqualTo(kept);
        }
        for (String changed : new String[] {
            "{\"a\": 12345678901234567890123}", "[0.1234567890123456789]", "[1e400]", "18446744073709551616.5"
        }) {
            assertThatThrownBy(() -> document.checked(changed))
                    .as(changed)
                    .hasMessageContaining("more digits than MySQL keeps");
        }
    }
}
