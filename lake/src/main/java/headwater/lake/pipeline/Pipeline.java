package headwater.lake.pipeline;

import headwater.lake.contract.LakeLayout;
import java.util.List;
import java.util.Map;

/**
 * A whole pipeline, valid as far as the file alone can tell.
 *
 *
 * @param constants name to Spark SQL of constant tables that curated SQL may read
 */
public record Pipeline(
        String name,
        SourceSettings source,
        LakeSettings lake,
        TargetSettings target,
        CaptureSettings capture,
        List<TableSpec> tables,
        Map<String, String> constants,
        List<CuratedSpec> curated) {

    public LakeLayout layout() {
        return lake.layout();
    }

    /** The curated tables that are switched on: merge builds them and publish carries them to MySQL. */
    public List<CuratedSpec> published() {
        return curated.stream().filter(CuratedSpec::published).toList();
    }
}
