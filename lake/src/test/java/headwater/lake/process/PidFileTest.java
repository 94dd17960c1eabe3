package headwater.lake.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidFileTest {

    @TempDir
    Path folder;

    @Test
    void endsTheProcessThatAKilledRunLeftBehindWithItsChildren() throws IOException {
        Process left = new ProcessBuilder("sh", "-c", "sleep 600 & echo started; wait").start();
        left.getInputStream().read();
        ProcessHandle child = left.descendants().findFirst().orElseThrow();
        PidFile file = new PidFile(folder.resolve("x.pid"));
        file.write(left.toHandle());

        file.endLeftover();

        assertThat(left.isAlive()).isFalse();
        assertThat(child.isAlive()).isFalse();
        assertThat(file.file()).doesNotExist();
    }

    @Test
    void sparesAnotherProcessThatHasGotThePidSince() throws IOException {
        Process other = new ProcessBuilder("sleep", "600").start();
        PidFile file = new PidFile(folder.resolve("x.pid"));
        Files.writeString(file.file(), other.pid() + " 12345");

        file.endLeftover();

        assertThat(other.isAlive()).isTrue();
        other.destroyForcibly();
    }
}
