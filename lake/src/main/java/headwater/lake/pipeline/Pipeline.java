package headwater.lake.pipeline;

import headwater.lake.contract.LakeLayout;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.List;
import java.util.Map;

/**
 * A whole pipeline, valid as far as the file alone can tell.
 *
 * @param constants name to Spark SQL of constant tables that curated SQL may read
 * @param views name to MySQL SQL of views over the published tables, for tools that show names to people
 */
public record Pipeline(
        String name,
        SourceSettings source,
        LakeSettings lake,
        TargetSettings target,
        ReportSettings report,
        CaptureSettings capture,
        MergeSettings merge,
        List<TableSpec> tables,
        Map<String, String> constants,
        List<CuratedSpec> curated,
        Map<String, String> views) {

    public LakeLayout layout() {
        return lake.layout();
    }

    /**
     * A table by its name in the pipeline file.
     *
     * @throws Failure USAGE if there is none of that name
     */
    public TableSpec table(String wanted) {
        List<String> names = tables.stream().map(TableSpec::name).toList();
        int at = names.indexOf(wanted);
        if (at < 0) {
            throw new Failure(
                    Remedy.USAGE,
                    "There is no table " + wanted + " in pipeline " + name + DidYouMean.hint(wanted, names)
                            + ". It has " + String.join(", ", names) + ".");
        }
        return tables.get(at);
    }

    /** The target as reports read it: with the read-only user, where the pipeline file names one. */
    public TargetSettings reader() {
        return report.hasUser() ? target.as(report.user(), report.password()) : target;
    }

    /** The curated tables that are switched on: merge builds them and publish carries them to MySQL. */
    public List<CuratedSpec> published() {
        return curated.stream().filter(CuratedSpec::published).toList();
    }

    /** The same in layers: each table is computed from cleansed tables and from those of earlier layers. */
    public List<List<CuratedSpec>> layers() {
        return CuratedLayers.of(published()).layers();
    }
}
