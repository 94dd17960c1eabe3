package headwater.lake.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the rows of a table mean by the pipeline file, in a short text that is kept with the table: rows that were made by
 * one definition are never mixed with those of another.
 */
public final class Fingerprint {
    /** The table property that holds it. */
    public static final String PROPERTY = "headwater.definition";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of a cleansed table: the order of its columns and the white space of its SQL mean nothing. */
    public static String of(TableSpec table) {
        Map<String, String> masks = new TreeMap<>();
        table.masks().forEach((column, mask) -> masks.put(column, mask.kind().name()));
        return hash(List.of(
                table.source().toString(),
                table.key(),
                table.normalizeText(),
                plain(table.columns()),
                table.rules().stream()
                        .map(rule -> List.of(rule.name(), plain(rule.condition())))
                        .toList(),
                new TreeSet<>(table.asText()),
                masks));
    }

    /** Of a curated table: its SQL and what that reads besides tables. */
    public static String of(CuratedSpec table, Map<String, String> constants) {
        return hash(List.of(
                table.key(),
                table.partitionBy(),
                plain(table.sql()),
                plain(table.affectedBy()),
                List.copyOf(table.columns().keySet()),
                plain(constants)));
    }

    private static Map<String, String> plain(Map<String, String> sql) {
        Map<String, String> plain = new TreeMap<>();
        sql.forEach((name, text) -> plain.put(name, plain(text)));
        return plain;
    }

    /** SQL with each run of white space outside quotes as one blank. */
    static String plain(String sql) {
        StringBuilder plain = new StringBuilder();
        char quote = 0;
        for (char next : sql.strip().toCharArray()) {
            if (quote == 0 && Character.isWhitespace(next)) {
                if (plain.charAt(plain.length() - 1) != ' ') {
                    plain.append(' ');
                }
                continue;
            }
            if (quote == 0 && "'\"`".indexOf(next) >= 0) {
                quote = next;
            } else if (quote == next) {
                quote = 0;
            }
            plain.append(next);
        }
        return plain.toString();
    }

    private static String hash(List<Object> parts) {
        try {
            byte[] text = JSON.writeValueAsString(parts).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text), 0, 8);
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Fingerprint() {}
}
