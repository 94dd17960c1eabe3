package headwater.capture.bench;

import headwater.capture.engine.EngineProperties;
import headwater.capture.engine.SourceKeys;
import headwater.capture.source.SlotClaim;
import headwater.capture.source.SourceCheck;
import headwater.capture.source.SourceState;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineOption;
import headwater.lake.process.Shutdown;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./headwater bare-engine}: a part of {@code bench capture}, of no use to a person. */
@Command(
        name = "bare-engine",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Reads the slot as capture does and throws the changes away: what bench capture compares with.")
public final class BareEngineCommand implements Runnable {
    @Mixin
    private PipelineOption pipeline;

    @Option(
            names = "--marks",
            required = true,
            split = ",",
            description = "END LSNs of transactions whose arrival is logged.")
    private List<String> marks;

    @Override
    public void run() {
        Pipeline read = pipeline.read();
        SourceCheck check = new SourceCheck(read, Duration.ZERO, false);
        try (Shutdown shutdown = new Shutdown();
                SlotClaim claim = check.claim(shutdown)) {
            SourceState source = check.run(claim, Optional.empty());
            SourceKeys keys = new SourceKeys(source.keys(), Map.of());
            new BareEngine(
                            EngineProperties.of(read, source.confirmed(), keys.columns()),
                            marks.stream().map(Lsn::parse).toList())
                    .run(shutdown);
        }
    }
}
