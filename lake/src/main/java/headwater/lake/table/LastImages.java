package headwater.lake.table;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The images of a table's last commit, kept so that who computes from them need not read the change feed. */
public final class LastImages {
    private final TableLog log;
    private final String appId;
    private volatile @Nullable NetImages images;

    /** @param appId of the commits that move the table */
    public LastImages(TableLog log, String appId) {
        this.log = log;
        this.appId = appId;
    }

    /** Only if the rows at their beginning were those of this table's own last commit: what a hand did, the change feed knows. */
    public void remember(NetImages net) {
        OptionalLong first = log.firstVersionAfter(appId, net.from());
        boolean alone = first.isPresent() && !log.changedRows(first.getAsLong(), log.version() - 1);
        images = alone ? net : null;
    }

    /** A commit is being made whose images nobody holds. */
    public void forget() {
        images = null;
    }

    /** The images, if they begin at a position. */
    public Optional<List<Row>> since(long from) {
        NetImages last = images;
        return last != null && last.from() == from ? Optional.of(last.rows()) : Optional.empty();
    }
}
