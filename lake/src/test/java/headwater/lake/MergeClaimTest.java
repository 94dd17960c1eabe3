package headwater.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.pipeline.LakeSettings;
import headwater.lake.process.Failure;
import headwater.lake.store.NumberedObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may merge a lake, of several processes that want to. */
class MergeClaimTest {
    private static final Duration OFTEN = Duration.ofMillis(50);
    private static final Duration NEVER = Duration.ofDays(1);
    private static final ClaimOwner ELSEWHERE = new ClaimOwner("another-boot", "other.example", 77, 0);

    @TempDir
    private Path folder;

    private LakeSettings lake;

    @BeforeEach
    void aLake() {
        lake = new LakeSettings(folder.toUri().toString(), Map.of());
    }

    @Test
    void aSecondMergeIsRefusedWhileTheFirstLivesAndGetsTheLakeAfterIt() throws IOException {
        try (MergeClaim second = claim(ClaimOwner.thisProcess(), OFTEN, NEVER)) {
            try (MergeClaim first = claim(ELSEWHERE, OFTEN, NEVER)) {
                first.hold();
                assertThatThrownBy(second::hold)
                        .isInstanceOf(Failure.class)
                        .hasMessageContaining("another merge is at it, process 77 on other.example since 1970");
                first.hold();
            }

            second.hold();
            second.hold();
        }
    }

    @Test
    void aProcessThatDiedOnThisMachineIsTakenOverAtOnce() throws Exception {
        Process process = new ProcessBuilder("sleep", "60").start();
        ClaimOwner gone = ClaimOwner.of(process.toHandle());
        try (MergeClaim left = claim(gone, NEVER, NEVER);
                MergeClaim next = claim(ClaimOwner.thisProcess(), OFTEN, NEVER)) {
            left.hold();
            assertThat(gone.isDeadHere()).isFalse();
            process.destroyForcibly().waitFor();

            next.hold();
        }
    }

    @Test
    void aMergeThatSleptIsTakenOverInTimeAndRefusedWhenItWakes() throws IOException {
        try (MergeClaim asleep = claim(ELSEWHERE, NEVER, NEVER);
                MergeClaim next = claim(ClaimOwner.thisProcess(), OFTEN, Duration.ofMillis(300))) {
            asleep.hold();
            next.hold();

            assertThatThrownBy(asleep::hold)
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("another merge took over while this one did not answer, process "
                            + ProcessHandle.current().pid());
            next.hold();
        }
    }

    private MergeClaim claim(ClaimOwner owner, Duration renewal, Duration abandoned) throws IOException {
        String root = lake.root();
        return new MergeClaim(new NumberedObjects(lake, root + "/state/merge"), root, owner, renewal, abandoned);
    }
}
