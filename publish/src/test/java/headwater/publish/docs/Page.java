package headwater.publish.docs;

import headwater.lake.process.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A Markdown page of this project.
 *
 * @param blocks the fenced ones, in order
 * @param rows those of its tables, in order, without header and rule
 */
record Page(List<Block> blocks, List<Row> rows) {
    private static final String FENCE = "```";

    /**
     * @param line of the page, for messages
     * @param heading under which it stands
     * @param info what stands behind the opening fence, such as {@code sql mysql}
     */
    record Block(int line, String heading, String info, String text) {

        /** SQL, one statement each, as a client sends it. */
        String[] statements() {
            return text.split(";\\n");
        }

        /** The variables that shell commands set; each command sets one. */
        List<String> exported() {
            return text.lines()
                    .map(line -> line.replaceFirst("^export ([A-Z0-9_]+)=.*", "$1"))
                    .toList();
        }

        /** The lines; {@code ...} in one of them stands for anything. */
        List<Pattern> patterns() {
            return text.lines().map(Page::pattern).toList();
        }
    }

    /**
     * @param line of the page, for messages
     * @param heading under which its table stands
     */
    record Row(int line, String heading, List<String> cells) {

        /** The texts between backticks in a cell; {@code ...} in one of them stands for anything. */
        List<Pattern> quotes(int cell) {
            return Pattern.compile("`([^`]+)`")
                    .matcher(cells.get(cell))
                    .results()
                    .map(quote -> pattern(quote.group(1)))
                    .toList();
        }
    }

    /** @param name below the folder of the project, such as {@code docs/architecture.md} */
    static Page read(String name) {
        try {
            List<String> lines = Files.readAllLines(Home.folder().resolve(name));
            return new Page(blocks(lines), rows(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Block> blocks(List<String> lines) {
        List<Block> blocks = new ArrayList<>();
        String heading = "";
        for (int at = 0; at < lines.size(); at++) {
            heading = heading(lines.get(at), heading);
            if (lines.get(at).startsWith(FENCE)) {
                int begin = at++;
                StringBuilder text = new StringBuilder();
                for (; !lines.get(at).equals(FENCE); at++) {
                    text.append(lines.get(at)).append('\n');
                }
                String info = lines.get(begin).substring(FENCE.length());
                blocks.add(new Block(begin + 1, heading, info, text.toString()));
            }
        }
        return blocks;
    }

    private static List<Row> rows(List<String> lines) {
        List<Row> rows = new ArrayList<>();
        String heading = "";
        boolean inTable = false;
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            heading = heading(line, heading);
            inTable = line.startsWith("|") && (inTable || line.startsWith("|---"));
            if (inTable && !line.startsWith("|---")) {
                String[] cells = line.substring(1).split("\\|", -1);
                rows.add(new Row(
                        at + 1,
                        heading,
                        Arrays.stream(cells)
                                .limit(cells.length - 1)
                                .map(String::strip)
                                .toList()));
            }
        }
        return rows;
    }

    private static String heading(String line, String before) {
        return line.startsWith("#") ? line.replaceFirst("#+ ", "") : before;
    }

    private static Pattern pattern(String quote) {
        return Pattern.compile("\\Q" + quote.replace("...", "\\E.*\\Q") + "\\E");
    }
}
