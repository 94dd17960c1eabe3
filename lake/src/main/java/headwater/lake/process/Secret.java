package headwater.lake.process;

import java.io.Serializable;

/** A value that must never be printed: its text form hides it. */
public record Secret(String value) implements Serializable {

    @Override
    public String toString() {
        return "(secret)";
    }
}
