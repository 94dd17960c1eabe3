/** The pipeline file: YAML in, validated records out, all its faults in one message. */
@NullMarked
package headwater.lake.pipeline;

import org.jspecify.annotations.NullMarked;
