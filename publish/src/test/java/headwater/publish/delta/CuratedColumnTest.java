package headwater.publish.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.delta.kernel.types.DateType;
import io.delta.kernel.types.ShortType;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class CuratedColumnTest {

    @Test
    void partitionValuesGetTheirType() {
        assertThat(new CuratedColumn("year", ShortType.SHORT).value("2023")).isEqualTo((short) 2023);
        assertThat(new CuratedColumn("day", DateType.DATE).value("2023-02-28")).isEqualTo(LocalDate.of(2023, 2, 28));
    }
}
