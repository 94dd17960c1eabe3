/**
 * From curated Delta tables to MySQL: the story of a publication. What changed since the ledger is planned and read, and comes in one
 * transaction with the ledger if it is little, else part by part; all tables stand at one LSN then. No Spark.
 */
@NullMarked
package headwater.publish;

import org.jspecify.annotations.NullMarked;
