/** The load of a source table: one consistent snapshot, read by binary COPY in parallel. */
package headwater.lake.backfill;
