package headwater.publish.bench.capture;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.contract.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CommitLineTest {

    @Test
    void aLineOfTheLogOfCaptureIsRead() {
        assertThat(CommitLine.of(
                        "2026-11-25T21:40:44.007Z INFO  [commit] headwater.capture.raw.RawWriter Committed raw batch"
                                + " rows=17480 from=0/D8C0FA0 to=1/DDD8308 version=30 tookMs=1460"))
                .contains(new CommitLine(
                        Instant.parse("2026-11-25T21:40:44.007Z"),
                        17480,
                        Lsn.parse("0/D8C0FA0"),
                        Lsn.parse("1/DDD8308"),
                        1460));
        assertThat(CommitLine.of(
                        "2026-11-25T21:40:44.007Z INFO  [main] headwater.capture.CaptureService Started capture"))
                .isEmpty();
    }
}
