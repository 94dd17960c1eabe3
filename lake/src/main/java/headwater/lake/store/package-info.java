/** The log store that every writer of the lake uses. Hadoop and delta-storage only. */
package headwater.lake.store;
