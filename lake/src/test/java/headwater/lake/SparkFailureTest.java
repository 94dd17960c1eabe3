package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class SparkFailureTest {

    @Test
    void aStoreThatFailsWithoutAReasonIsWhereToLook() {
        assertThatThrownBy(() -> fail("An internal error occurred. (Service: S3, Status Code: 500, Request ID: 07)"))
                .hasMessage("Cannot build cleansed/drug: An internal error occurred. (Service: S3, Status Code: 500,"
                        + " Request ID: 07). The store itself failed: look into its log, and whether its disk is full");
    }

    @Test
    void whatStatesItsReasonIsLeftAtThat() {
        assertThatThrownBy(() -> fail("No space left on device"))
                .hasMessage("Cannot build cleansed/drug: No space left on device")
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY));
    }

    private static void fail(String reason) {
        SparkFailure.explain("build cleansed/drug", () -> {
            throw new IllegalStateException(new SparkException("Job aborted", new IOException(reason)));
        });
    }
}
