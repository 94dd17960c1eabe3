/** The pipeline file: YAML in, validated records out, all its faults in one message. */
package headwater.lake.pipeline;
