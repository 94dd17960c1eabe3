package headwater.capture.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.io.SegmentedStringWriter;
import headwater.lake.pipeline.MaskedColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Writes the JSON texts of raw/changes from rows whose values are {@link PostgresText}. */
final class RowJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    /** Of a column's name, value and marks. */
    private static final int USUAL_LENGTH = 40;

    /** All columns that the row carries, masked, null ones too; unchanged TOAST columns are left out. */
    static String of(Struct row, MaskedColumns masks) {
        StringBuilder json =
                new StringBuilder(USUAL_LENGTH * row.schema().fields().size());
        char before = '{';
        for (Field field : row.schema().fields()) {
            String value = value(row, field);
            if (!PostgresText.UNCHANGED.equals(value)) {
                quote(json.append(before), field.name());
                quote(json.append(':'), masks.apply(field.name(), value));
                before = ',';
            }
        }
        return (before == '{' ? json.append('{') : json).append('}').toString();
    }

    /** The names of the columns whose TOAST value the change did not carry, or null if there is none. */
    static @Nullable String unchanged(Struct row) {
        List<String> names = new ArrayList<>(0);
        for (Field field : row.schema().fields()) {
            if (PostgresText.UNCHANGED.equals(value(row, field))) {
                names.add(field.name());
            }
        }
        if (names.isEmpty()) {
            return null;
        }
        return write(json -> json.writeArray(names.toArray(String[]::new), 0, names.size()));
    }

    /** A logical message; content that is no UTF-8 is written as PostgreSQL writes bytea. */
    static String message(String prefix, ByteBuffer content) {
        return write(json -> {
            json.writeStartObject();
            json.writeStringField("prefix", prefix);
            json.writeStringField("content", text(content));
            json.writeEndObject();
        });
    }

    static boolean hasNull(Struct row) {
        for (Field field : row.schema().fields()) {
            if (value(row, field) == null) {
                return true;
            }
        }
        return false;
    }

    /** Where a column has a DEFAULT never {@link Struct#get}: it gives that where the value is NULL. */
    static @Nullable String value(Struct row, Field field) {
        return (String) (field.schema().defaultValue() == null ? row.get(field) : row.getWithoutDefault(field.name()));
    }

    private static void quote(StringBuilder json, @Nullable String text) {
        if (text == null) {
            json.append("null");
            return;
        }
        json.append('"');
        if (isPlain(text)) {
            json.append(text);
        } else {
            JsonStringEncoder.getInstance().quoteAsString(text, json);
        }
        json.append('"');
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character < ' ' || character == '"' || character == '\\') {
                return false;
            }
        }
        return true;
    }

    private static String text(ByteBuffer content) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(content.duplicate())
                    .toString();
        } catch (CharacterCodingException e) {
            byte[] bytes = new byte[content.remaining()];
            content.duplicate().get(bytes);
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
    }

    private static String write(Content content) {
        try {
            SegmentedStringWriter text = new SegmentedStringWriter(FACTORY._getBufferRecycler());
            try (JsonGenerator json = FACTORY.createGenerator(text)) {
                content.write(json);
            }
            return text.getAndClear();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private RowJson() {}
}
