package headwater.lake.pipeline;

/**
 * A rule that every cleansed row keeps.
 *
 * @param name what the rejected table shows
 * @param condition Spark SQL over the cleansed columns; false or null breaks the rule
 */
public record Rule(String name, String condition) {}
