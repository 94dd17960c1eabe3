/**
 * The web reports: what the published tables say, in the browser, with the LSN up to which that is complete.
 *
 * <p>A request passes {@link headwater.publish.report.ReportServer}, is answered from the figures that
 * {@link headwater.publish.report.FiguresCache} holds for the publication of this moment, and those come from
 * {@link headwater.publish.report.Mart}, which reads ledger and tables in one snapshot of MySQL.
 */
@NullMarked
package headwater.publish.report;

import org.jspecify.annotations.NullMarked;
