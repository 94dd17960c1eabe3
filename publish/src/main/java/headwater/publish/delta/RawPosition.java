package headwater.publish.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import headwater.lake.contract.CaptureOffset;
import headwater.lake.contract.LakeLayout;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import io.delta.kernel.Snapshot;
import io.delta.kernel.engine.Engine;
import java.util.Optional;

/** How far raw/changes reaches. */
public final class RawPosition {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DeltaTable table;

    public RawPosition(Engine engine, LakeLayout layout) {
        this.table = new DeltaTable(engine, layout.rawChanges());
    }

    DeltaTable table() {
        return table;
    }

    /** The source epoch; 1 before capture has started. */
    public int epoch() {
        return table.newest()
                .flatMap(RawPosition::offset)
                .map(CaptureOffset::epoch)
                .orElse(1);
    }

    /** What capture wrote with its last commit. */
    public static Optional<CaptureOffset> offset(Snapshot snapshot) {
        return snapshot.getDomainMetadata(CaptureOffset.DOMAIN).map(RawPosition::parse);
    }

    static CaptureOffset parse(String json) {
        try {
            return JSON.readValue(json, CaptureOffset.class);
        } catch (JsonProcessingException e) {
            throw new Failure(
                    Remedy.BUG,
                    "Cannot read the position of raw/changes: its domain metadata " + CaptureOffset.DOMAIN
                            + " is not what this version writes: " + e.getOriginalMessage(),
                    e);
        }
    }
}
