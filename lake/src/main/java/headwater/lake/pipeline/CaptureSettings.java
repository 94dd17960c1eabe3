package headwater.lake.pipeline;

import java.time.Duration;

/**
 * When capture commits to raw/changes: once a transaction has ended and the interval since the last commit is over or so
 * many bytes wait.
 */
public record CaptureSettings(Duration flushInterval, long flushBytes) {}
