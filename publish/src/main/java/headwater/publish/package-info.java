/**
 * From curated Delta tables to MySQL: {@code setup}, {@code publish} and {@code status}. Reads the lake with Delta Kernel;
 * no Spark.
 */
@NullMarked
package headwater.publish;

import org.jspecify.annotations.NullMarked;
