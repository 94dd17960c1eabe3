package headwater.publish.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineAreaTest {
    @TempDir
    Path folder;

    @Test
    void roomIsToldForAFolderThatIsStillToBeMade() {
        Path absent = folder.resolve("a/b");
        Findings findings = new Findings();

        MachineArea.lookForRoom("the lake", absent, 1, findings);

        assertThat(findings.all())
                .singleElement()
                .satisfies(finding -> assertThat(finding.toString())
                        .matches("Disk: \\S+/a/b \\(the lake\\) has [0-9.]+ GB free: ok"));
    }

    @Test
    void tooLittleRoomIsAWarningWithBothValues() {
        Findings findings = new Findings();

        MachineArea.lookForRoom("the lake", folder, 1L << 60, findings);

        assertThat(findings.all())
                .singleElement()
                .satisfies(finding -> assertThat(finding.toString())
                        .startsWith("warning: Disk: " + folder)
                        .contains("GB free, less than 1073741824.0 GB")
                        .contains("Make room"));
        assertThat(findings.faults()).isZero();
    }
}
