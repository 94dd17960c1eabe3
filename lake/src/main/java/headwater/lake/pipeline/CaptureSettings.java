package headwater.lake.pipeline;

import java.time.Duration;

/**
 * When capture commits to raw/changes, and when it warns of the WAL that its slot keeps.
 *
 * @param flushInterval since the last commit, after which ended transactions are committed
 * @param flushBytes commits earlier if so many bytes wait
 * @param warnWal bytes of WAL kept by the slot
 * @param warnBefore PostgreSQL gives the slot up, at the pace of the last minutes
 */
public record CaptureSettings(Duration flushInterval, long flushBytes, long warnWal, Duration warnBefore) {}
