/** Small access to Delta logs from Spark: positions kept in SetTransactions, commits by position, fenced writes. */
package headwater.lake.delta;
