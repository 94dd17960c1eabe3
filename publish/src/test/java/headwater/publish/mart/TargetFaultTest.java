package headwater.publish.mart;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Who must act when MySQL refuses. */
class TargetFaultTest {
    @Test
    void aValueOfTheWrongKindIsTheColumnsFaultAndIsNotQuoted() {
        Failure failure = TargetFault.of(
                "publish shop",
                new SQLException("Incorrect string value: 'secret' for column 'note' at row 1", "HY000", 1366));

        assertThat(failure.remedy()).isEqualTo(Remedy.OPERATOR);
        assertThat(failure)
                .hasMessageContaining("column note does not take a value")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aFullDiskAndTooManyConnectionsPass() {
        for (int code : new int[] {1021, 1114, 1129, 1203, 1226, 1927, 3100}) {
            assertThat(TargetFault.of("publish shop", new SQLException("no", "HY000", code))
                            .remedy())
                    .as("error " + code)
                    .isEqualTo(Remedy.RETRY);
        }
        assertThat(TargetFault.of("publish shop", new SQLException("no", "42000", 1142))
                        .remedy())
                .isEqualTo(Remedy.OPERATOR);
    }

    @Test
    void aConnectionThatBrokeIsNotMistakenForWhatTheDriverSaidFirst() {
        SQLException closed = new SQLException("No operations allowed after statement closed.", "S1009");
        assertThat(TargetFault.of("publish shop", closed).remedy()).isEqualTo(Remedy.OPERATOR);

        closed.addSuppressed(new SQLException("No operations allowed after connection closed.", "08003"));
        assertThat(TargetFault.of("publish shop", closed).remedy()).isEqualTo(Remedy.RETRY);

        SQLException caused = new SQLException("closed", "S1009", new SQLException("reset", "08S01"));
        assertThat(TargetFault.of("publish shop", caused).remedy()).isEqualTo(Remedy.RETRY);
    }
}
