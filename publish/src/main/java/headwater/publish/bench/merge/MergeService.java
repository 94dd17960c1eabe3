package headwater.publish.bench.merge;

import headwater.lake.contract.Lsn;
import headwater.lake.process.Shutdown;
import headwater.publish.bench.GrowingFile;
import headwater.publish.bench.ProcessUsage;
import headwater.publish.demo.HeadwaterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code merge --every 1s} in a JVM of its own, with the passes that its log tells of. */
final class MergeService implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(50);

    private final HeadwaterProcess process;
    private final GrowingFile log;
    private final Shutdown shutdown;

    private MergeService(HeadwaterProcess process, GrowingFile log, Shutdown shutdown) {
        this.process = process;
        this.log = log;
        this.shutdown = shutdown;
    }

    /** @param logs folder that no other merge has logged to */
    static MergeService start(Path logs, Map<String, String> environment, Shutdown shutdown) {
        HeadwaterProcess process = HeadwaterProcess.start(logs, environment, "merge", "--every", "1s");
        return new MergeService(process, new GrowingFile(logs.resolve("merge.log")), shutdown);
    }

    /** Lets it stand still, with all that it does on the way. */
    void pause() {
        process.pause();
    }

    /** Lets it go on. */
    void resume() {
        process.resume();
    }

    /** The passes since the last call, once one of them is beyond a position. */
    List<PassLine> until(Lsn position) {
        List<PassLine> passes = new ArrayList<>();
        while (passes.isEmpty() || !passes.get(passes.size() - 1).to().isAfter(position)) {
            process.checkRunning();
            shutdown.check();
            shutdown.await(LOOK);
            log.lines().forEach(line -> PassLine.of(line).ifPresent(passes::add));
        }
        return passes;
    }

    /** The most memory that it held. */
    long peakBytes() {
        return ProcessUsage.peakBytes(process.pid()).orElse(0);
    }

    @Override
    public void close() {
        try {
            resume();
            process.close();
            log.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
