/**
 * MySQL: its types, statements and faults, a session with it, a table that is written, and the ledger, which says in the
 * rows' own transaction which version each table holds.
 */
@NullMarked
package headwater.publish.mart;

import org.jspecify.annotations.NullMarked;
