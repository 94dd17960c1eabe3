/**
 * The pipeline file: YAML in, validated records out, all its faults in one message. Whoever holds a record need not check it again.
 */
@NullMarked
package headwater.lake.pipeline;

import org.jspecify.annotations.NullMarked;
