package headwater.lake.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.io.IOException;
import java.lang.reflect.Constructor;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class SparkFailureTest {
    @Test
    void aFullDiskIsWaitedForLikeAFullStore() throws ReflectiveOperationException {
        Constructor<FSError> ofHadoop = FSError.class.getDeclaredConstructor(Throwable.class);
        ofHadoop.setAccessible(true);
        FSError full = ofHadoop.newInstance(new IOException("No space left on device"));
        assertThatThrownBy(() -> SparkFailure.explain("build a table", () -> {
                    throw full;
                }))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.remedy()).isEqualTo(Remedy.RETRY))
                .hasMessageContaining("Cannot build a table: No space left on device");
    }

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
