package headwater.capture;

import headwater.capture.raw.ChangeBatch;
import headwater.capture.raw.RawWriter;
import headwater.lake.contract.Lsn;
import headwater.lake.pipeline.Pipeline;
import headwater.lake.pipeline.PipelineFile;
import headwater.lake.process.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that goes on writing raw/changes although another does too. */
final class StaleWriter {
    static final String READY = "ready";
    static final String DURABLE = "durable";
    static final String REFUSED = "refused";

    /** For each line of input, which is the text of a row: opens the table, says so, commits at the next line, says how. */
    public static void main(String[] pipelineFile) throws IOException {
        Pipeline pipeline = PipelineFile.parse("test", Files.readString(Path.of(pipelineFile[0])), System::getenv);
        BufferedReader rows = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String row = rows.readLine(); row != null; row = rows.readLine()) {
            RawWriter writer = RawWriter.open(pipeline.lake()).orElseThrow();
            System.out.println(READY);
            rows.readLine();
            System.out.println(commit(writer, row) ? DURABLE : REFUSED);
        }
    }

    /** Returns whether the row is durable, as far as this process can know; else the other was first. */
    private static boolean commit(RawWriter writer, String row) {
        Lsn from = new Lsn(writer.offset().lsn());
        try (ChangeBatch batch = new ChangeBatch(from, 1 << 20)) {
            batch.begin();
            batch.add(TestingChanges.change(1, row));
            batch.end(new Lsn(from.value() + 1), 0, 1);
            writer.commit(batch);
            return true;
        } catch (Failure e) {
            return false;
        }
    }

    private StaleWriter() {}
}
