package headwater.capture.partd.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CmsFileTest {
    private static final List<LoadColumn> TABLE = List.of(
            new LoadColumn("prscrbr_npi", "bigint", 64, 0),
            new LoadColumn("prscrbr_last_org_name", "text", 0, 0),
            new LoadColumn("prscrbr_city", "text", 0, 0),
            new LoadColumn("tot_clms", "integer", 32, 0),
            new LoadColumn("tot_drug_cst", "numeric", 14, 2));
    private static final String HEADER = "Prscrbr_NPI,Prscrbr_Last_Org_Name,Prscrbr_City,Tot_Clms,Tot_Drug_Cst\n";

    @TempDir
    Path folder;

    @Test
    void columnsAreFoundByNameInAnyCaseAndOrder() {
        Path file = file("tot_clms, PRSCRBR_NPI ,Extra\n12,1003000126,x\n");

        assertThat(rows(file)).containsExactly(List.of("12", "1003000126"));
        try (CmsFile open = open(file)) {
            assertThat(open.header().unknown()).containsExactly("Extra");
            assertThat(open.header().absent()).containsExactly("prscrbr_last_org_name", "prscrbr_city", "tot_drug_cst");
        }
    }

    @Test
    void quotesCommasLineBreaksAndCarriageReturnsAreRead() {
        Path file = file(HEADER.replace("\n", "\r\n")
                + "1003000126,\"MILLER, JR.\",\"ST \"\"X\"\"\",\"1,234\",\"12,345,678.9\"\r\n"
                + "1003000126,\"two\nlines\",D'SOUZA,0,.5\r\n");

        assertThat(rows(file))
                .containsExactly(
                        List.of("1003000126", "MILLER, JR.", "ST \"X\"", "1234", "12345678.90"),
                        List.of("1003000126", "two\nlines", "D'SOUZA", "0", "0.50"));
    }

    @Test
    void blanksAreNullAndNamesLikeNullAreNames() {
        Path file = file(HEADER + "1003000126,TRUE,,  ,\n1003000126,NA,\" \",7,\"\"\n1003000126,NULL,TOLEDO  ,8,1\n");

        assertThat(rows(file))
                .containsExactly(
                        Arrays.asList("1003000126", "TRUE", null, null, null),
                        Arrays.asList("1003000126", "NA", null, "7", null),
                        Arrays.asList("1003000126", "NULL", "TOLEDO  ", "8", "1.00"));
    }

    @Test
    void aByteOrderMarkIsNotPartOfTheFirstName() {
        assertThat(rows(file("\uFEFF" + HEADER + "1003000126,A,B,1,2\n")))
                .containsExactly(List.of("1003000126", "A", "B", "1", "2.00"));
    }

    @Test
    void aLineThatIsNotUtf8IsReadAsWindows1252AndCounted() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((HEADER + "1003000126,PEÑA,B,1,2\n").getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes("1003000126,PEÑA,CAÑON,1,2\n".getBytes(Charset.forName("windows-1252")));
        Path file = folder.resolve("mixed.csv");
        Files.write(file, bytes.toByteArray());

        try (CmsFile open = open(file)) {
            List<String> names = new ArrayList<>();
            open.forEachRow((line, values) -> names.add(values.get(1) + " " + values.get(2)));
            assertThat(names).containsExactly("PEÑA B", "PEÑA CAÑON");
            assertThat(open.text().windowsLines()).isEqualTo(1);
            assertThat(open.text().firstWindowsLines()).containsExactly(3L);
        }
    }

    @Test
    void gzipIsKnownByItsContent() throws IOException {
        Path file = folder.resolve("compressed.csv");
        Files.write(file, gzip(HEADER + "1003000126,A,B,1,2\n"));

        assertThat(rows(file)).containsExactly(List.of("1003000126", "A", "B", "1", "2.00"));
    }

    @Test
    void aGzipThatEndsEarlyIsRefused() throws IOException {
        byte[] whole = gzip(HEADER + "1003000126,A,B,1,2\n".repeat(100));
        Path file = folder.resolve("cut.csv.gz");
        Files.write(file, Arrays.copyOf(whole, whole.length - 9));

        assertRefused(file).hasMessageContaining("its compressed data is damaged or cut off");
    }

    @Test
    void aTruncatedLastLineIsRefusedWithItsNumber() {
        assertRefused(file(HEADER + "1003000126,A,B,1,2\n1003000126,A,B"))
                .hasMessageContaining("line 3 has 3 of 5 fields: the file is cut off there");
        assertRefused(file(HEADER + "1003000126,A,B,1,2\n1003000126,\"A,B,1,2\n"))
                .hasMessageContaining("line 3: a quoted field is not closed");
    }

    @Test
    void aLineWithTooManyFieldsIsRefusedWithItsNumber() {
        assertRefused(file(HEADER + "1003000126,\"A\nA\",B,1,2\n1003000126,A,B,1,234,5\n1003000126,A,B,1,2\n"))
                .hasMessageContaining("line 4 has 6 of 5 fields. Nothing of it was loaded. Correct the line");
    }

    @Test
    void textAfterAClosingQuoteIsRefusedWithItsLine() {
        assertRefused(file(HEADER + "1003000126,\"A\"x,B,1,2\n")).hasMessageContaining("line 2: a quoted field");
    }

    @Test
    void aValueThatTheColumnCannotHoldIsRefusedWithoutIt() {
        assertRefused(file(HEADER + "1003000126,A,B,1,2\n1003000126,A,B,many,2\n"))
                .hasMessageContaining("line 3, column tot_clms must be a whole number from -2147483648 to 2147483647")
                .hasMessageNotContaining("many");
        assertRefused(file(HEADER + "1003000126,A,B,2147483648,2\n")).hasMessageContaining("column tot_clms must be");
        assertRefused(file(HEADER + "1003000126,A,B,1.5,2\n")).hasMessageContaining("column tot_clms must be");
        assertRefused(file(HEADER + "1003000126,A,B,\"1,23\",2\n")).hasMessageContaining("column tot_clms must be");
        assertRefused(file(HEADER + "1003000126,A,B,1,1000000000000\n"))
                .hasMessageContaining("column tot_drug_cst must be a number with at most 12 digits before the point");
        assertRefused(file(HEADER + "1003000126,A\0,B,1,1\n"))
                .hasMessageContaining("column prscrbr_last_org_name must be a text without zero bytes");
    }

    @Test
    void aHeaderOfAnotherDatasetIsRefused() {
        assertRefused(file("city,state_id\nTOLEDO,OH\n"))
                .hasMessageContaining("its header lacks prscrbr_npi, which dataset prescriber needs");
        assertRefused(file("Prscrbr_NPI,Brnd_Name,Gnrc_Name\n1003000126,A,B\n"))
                .hasMessageContaining("by its header it is of dataset prescriber-drug, not prescriber");
        assertRefused(file("Prscrbr_NPI,PRSCRBR_NPI\n1,2\n")).hasMessageContaining("prscrbr_npi occurs twice");
    }

    @Test
    void whatIsNoCsvFileIsRefused() throws IOException {
        assertRefused(file("")).hasMessageContaining("it is empty");
        assertRefused(folder.resolve("absent.csv")).hasMessageContaining("there is no such file");
        assertRefused(folder).hasMessageContaining("Is a directory");
        Path utf16 = folder.resolve("utf16.csv");
        Files.write(utf16, HEADER.getBytes(StandardCharsets.UTF_16));
        assertRefused(utf16).hasMessageContaining("it is UTF-16: save it as UTF-8");
        Path zip = folder.resolve("file.zip");
        Files.write(zip, "PK".getBytes(StandardCharsets.US_ASCII));
        assertRefused(zip).hasMessageContaining("it is a zip archive: unpack it first");
        assertRefused(file(HEADER + "x".repeat(MixedText.LONGEST_LINE + 1)))
                .hasMessageContaining("line 2 is longer than 1048576 bytes");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(Path file) {
        return assertThatThrownBy(() -> rows(file))
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("Cannot load " + file + ": ")
                .hasMessageContaining("Nothing of it was loaded. ");
    }

    private static List<List<String>> rows(Path file) {
        List<List<String>> rows = new ArrayList<>();
        try (CmsFile open = open(file)) {
            open.forEachRow((line, values) -> rows.add(values));
        }
        return rows;
    }

    private static CmsFile open(Path file) {
        return CmsFile.open(file, CmsDataset.PRESCRIBER, TABLE);
    }

    private Path file(String text) {
        try {
            return Files.writeString(Files.createTempFile(folder, "cms", ".csv"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
