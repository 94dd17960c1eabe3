package headwater.publish.check;

/**
 * One thing that was found.
 *
 * @param text for what is wrong: the problem, why with the values, what to do
 */
public record Finding(Kind kind, String text) {

    /** What a finding means for the pipeline. */
    public enum Kind {
        /** As it should be, or worth knowing. */
        FINE(""),
        /** The pipeline runs, and a person may want to look. */
        WARNING("warning: "),
        /** The pipeline cannot run yet; setup mends it. */
        UNPREPARED("fault: "),
        /** The pipeline cannot run, and setup cannot mend it. */
        FAULT("fault: ");

        private final String mark;

        Kind(String mark) {
            this.mark = mark;
        }
    }

    /** Whether the pipeline cannot run. */
    public boolean isFault() {
        return kind == Kind.UNPREPARED || kind == Kind.FAULT;
    }

    @Override
    public String toString() {
        return kind.mark + text;
    }
}
