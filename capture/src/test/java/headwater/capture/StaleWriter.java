package headwater.capture;

import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that goes on writing raw/changes although another does too. Commits rows of its own name until it has been
 * told of so many that they are durable, and prints each such row.
 */
final class StaleWriter {

    /** Waits for a line of input, then writes: the pipeline file, the name of the writer, how many commits. */
    public static void main(String[] arguments) throws IOException {
        Pipeline pipeline = PipelineFile.parse("test", Files.readString(Path.of(arguments[0])), System::getenv);
        String name = arguments[1];
        int commits = Integer.parseInt(arguments[2]);
        System.out.println("ready");
        if (System.in.read() < 0) {
            throw new IllegalStateException("Nobody waits");
        }
        RawWriter writer = open(pipeline);
        int acknowledged = 0;
        while (acknowledged < commits) {
            String row = name + "-" + acknowledged;
            try {
                commit(writer, row);
            } catch (Failure theOtherWasFirst) {
                writer = open(pipeline);
                continue;
            }
            System.out.println(row);
            acknowledged++;
        }
    }

    private static RawWriter open(Pipeline pipeline) {
        return RawWriter.open(pipeline.lake()).orElseThrow();
    }

    private static void commit(RawWriter writer, String row) {
        Lsn from = new Lsn(writer.offset().lsn());
        try (ChangeBatch batch = new ChangeBatch(from, 1 << 20)) {
            batch.begin();
            batch.add(TestingChanges.change(1, row));
            batch.end(new Lsn(from.value() + 1), 0, 1);
            writer.commit(batch);
        }
    }

    private StaleWriter() {}
}
