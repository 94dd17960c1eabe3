package headwater.publish.bench.backfill;

import headwater.lake.embedded.EmbeddedServer;
import headwater.lake.embedded.EmbeddedServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * CPU time as Linux counts it.
 *
 * @param bench of this JVM
 * @param ended of the children of this JVM that have ended
 * @param postgres of all its processes, those that have ended among them; of the other servers as well
 */
record CpuTimes(Duration bench, Duration ended, Duration postgres, Duration s3, Duration mySql) {
    /** USER_HZ, the same on every architecture that runs these servers. */
    private static final int TICKS_PER_SECOND = 100;

    /** Of one process, and of the children whose end it has waited for. */
    private record Usage(Duration own, Duration waitedFor) {
        static final Usage NONE = new Usage(Duration.ZERO, Duration.ZERO);

        /** Of a line of {@code /proc/PID/stat}; see proc(5). */
        static Usage of(long pid) {
            try {
                String line = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
                // the name before it may hold blanks
                String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
                return new Usage(ticks(fields[11], fields[12]), ticks(fields[13], fields[14]));
            } catch (NoSuchFileException ended) {
                return NONE;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Duration all() {
            return own.plus(waitedFor);
        }

        private static Duration ticks(String user, String system) {
            return Duration.ofMillis((Long.parseLong(user) + Long.parseLong(system)) * 1000 / TICKS_PER_SECOND);
        }
    }

    /** Up to this moment. */
    static CpuTimes now(EmbeddedServers servers) {
        Usage bench = Usage.of(ProcessHandle.current().pid());
        return new CpuTimes(
                bench.own(), bench.waitedFor(), tree(servers.postgres()), tree(servers.s3()), tree(servers.mySql()));
    }

    CpuTimes since(CpuTimes earlier) {
        return new CpuTimes(
                bench.minus(earlier.bench),
                ended.minus(earlier.ended),
                postgres.minus(earlier.postgres),
                s3.minus(earlier.s3),
                mySql.minus(earlier.mySql));
    }

    private static Duration tree(EmbeddedServer server) {
        return ProcessHandle.of(server.pid())
                .map(root -> root.descendants()
                        .map(child -> Usage.of(child.pid()).all())
                        .reduce(Usage.of(root.pid()).all(), Duration::plus))
                .orElse(Duration.ZERO);
    }
}
