/** From cleansed rows to reportable tables, by recomputing only what changes touch. */
package headwater.lake.curate;
