package headwater.capture;

import java.util.EnumSet;
import java.util.Set;

/** The life of the capture service. */
enum CaptureState {
    /** Waits for the slot, which another process may still hold. */
    CLAIMING,
    /** Compares where the lake ends with what the source still has. */
    CHECKING,
    /** Changes are written as they are committed. */
    STREAMING,
    /** What failed may pass by itself; the next attempt is due after a while. */
    BACKING_OFF,
    /** Was asked to end, and has. */
    STOPPED,
    /** A person has to act. */
    FAILED;

    boolean mayBecome(CaptureState next) {
        return following().contains(next);
    }

    private Set<CaptureState> following() {
        return switch (this) {
            case CLAIMING -> EnumSet.of(CHECKING, BACKING_OFF, STOPPED, FAILED);
            case CHECKING -> EnumSet.of(STREAMING, BACKING_OFF, STOPPED, FAILED);
            case STREAMING -> EnumSet.of(BACKING_OFF, STOPPED, FAILED);
            case BACKING_OFF -> EnumSet.of(CLAIMING);
            case STOPPED, FAILED -> EnumSet.noneOf(CaptureState.class);
        };
    }
}
