package headwater.lake.pipeline;

import headwater.lake.contract.LakeLayout;
import java.util.Map;

/**
 * Where the Delta tables lie.
 *
 * @param root {@code s3a://bucket/prefix} or {@code file:/folder}
 * @param options Hadoop settings such as {@code fs.s3a.endpoint}; credentials come by the AWS default chain
 */
public record LakeSettings(String root, Map<String, String> options) {

    public LakeLayout layout() {
        return new LakeLayout(root);
    }
}
