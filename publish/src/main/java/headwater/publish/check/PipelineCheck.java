package headwater.publish.check;

import headwater.lake.pipeline.Pipeline;
import java.util.ArrayList;
import java.util.List;

/** A look at all that a pipeline needs: its three servers and this machine. */
public record PipelineCheck(Pipeline pipeline) {

    /** One place to look at; an unreachable one is a fault, never an exception. */
    interface Area {
        void look(Findings findings);
    }

    List<Area> areas() {
        return List.of(
                new SourceArea(pipeline),
                new LakeArea(pipeline.lake()),
                new TargetArea(pipeline),
                new MachineArea(pipeline));
    }

    /** The same, and what is wrong with the rows: no reason against a setup, which is often the way to mend it. */
    List<Area> all() {
        List<Area> all = new ArrayList<>(areas());
        all.add(new DueLoads(pipeline));
        return all;
    }

    /**
     * Ends a setup that could not succeed.
     *
     * @throws headwater.lake.process.Failure with every fault that setup itself does not mend
     */
    public void requireSetUpPossible() {
        Findings findings = new Findings();
        areas().forEach(area -> area.look(findings));
        findings.requireNone("set up the pipeline " + pipeline.name());
    }
}
