package headwater.publish.report.partd;

import headwater.publish.report.Report;
import java.util.List;

/** The reports of the shipped pipeline. */
public final class PartDReports {
    /** In the order of the navigation. */
    public static final List<Report> ALL = List.of(DrugReport.REPORT, PrescriberReport.REPORT);

    private PartDReports() {}
}
