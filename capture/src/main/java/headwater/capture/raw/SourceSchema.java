package headwater.capture.raw;

import headwater.lake.contract.SourceTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One shape of a source table: a row of raw/schemas.
 *
 * @param id first 16 hex digits of the SHA-256 of the other three
 * @param columns JSON as in {@link headwater.lake.contract.TableContract#RAW_SCHEMAS}
 * @param key JSON array of the key columns' names
 */
public record SourceSchema(String id, SourceTable table, String columns, String key) {

    /** Under the id that follows from the rest. */
    public static SourceSchema of(SourceTable table, String columns, String key) {
        return new SourceSchema(hash(table + "\n" + columns + "\n" + key), table, columns, key);
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
