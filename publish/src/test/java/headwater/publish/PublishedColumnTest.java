package headwater.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.TimestampType;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class PublishedColumnTest {

    @Test
    void aTooLongStringIsNamedByTableAndColumnAndNotShown() {
        PublishedColumn city = PublishedColumn.of("sales", "city", StringType.STRING, "varchar(3)");

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
        assertThatThrownBy(() -> PublishedColumn.of("sales", "city", StringType.STRING, "varchar(3)")
                        .checked("abc "))
                .hasMessageContaining("4 characters");
        assertThatThrownBy(() -> PublishedColumn.of("sales", "state", StringType.STRING, "char(2)")
                        .checked("A "))
                .hasMessageContaining("ends with a blank");
    }

    @Test
    void aTypeThatWouldRoundIsRefused() {
        PublishedColumn.of("sales", "total", new DecimalType(20, 2), "decimal(20,2)");
        PublishedColumn.of("sales", "total", new DecimalType(20, 2), "NUMERIC (20, 4)");
        assertThatThrownBy(() -> PublishedColumn.of("sales", "total", new DecimalType(20, 2), "decimal(20,1)"))
                .hasMessageContaining("the curated table's type is Decimal(20, 2)");
        assertThatThrownBy(() -> PublishedColumn.of("sales", "at", TimestampType.TIMESTAMP, "datetime"))
                .hasMessageContaining("column at is datetime in MySQL");
        PublishedColumn.of("sales", "at", TimestampType.TIMESTAMP, "datetime(6)");
        PublishedColumn.of("sales", "claims", LongType.LONG, "bigint unsigned");
    }

    @Test
    void partitionValuesGetTheirType() {
        assertThat(PublishedColumn.of("sales", "year", ShortType.SHORT, "smallint")
                        .value("2023"))
                .isEqualTo((short) 2023);
        assertThat(PublishedColumn.of("sales", "day", DateType.DATE, "date").value("2023-02-28"))
                .isEqualTo(LocalDate.of(2023, 2, 28));
    }
}
