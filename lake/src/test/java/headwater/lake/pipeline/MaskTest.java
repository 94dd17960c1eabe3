package headwater.lake.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import headwater.lake.process.Secret;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskTest {
    private static final String MASKED = """
            name: shop
            source: {url: "jdbc:postgresql://db/shop", user: me, password: "${PW}", maskSalt: "${SALT}"}
            lake: {root: "file:/tmp/lake"}
            target: {url: "jdbc:mysql://db/report", user: me, password: "${PW}"}
            tables:
              orders:
                source: public.orders
                key: [id]
                columns: {id: id, card: card}
                exclude: [note]
                mask: {card: hash, phone: redact}
            """;

    /** RFC 4231, test case 1. */
    @Test
    void aHashIsAnHmacOfTheText() {
        String salt = "\u000b".repeat(20);

        assertThat(new Mask(Mask.Kind.HASH, new Secret(salt)).texts().apply("Hi There"))
                .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    @Test
    void equalValuesStayEqualAndNullStaysNull() {
        MaskedColumns masks = MaskedColumns.of(parse(MASKED).tables().get(0));

        assertThat(masks.apply("card", "4711"))
                .isEqualTo(masks.apply("card", "4711"))
                .isNotEqualTo(masks.apply("card", "4712"))
                .hasSize(64);
        assertThat(masks.apply("card", null)).isNull();
        assertThat(masks.apply("phone", "1")).isEqualTo(masks.apply("phone", "2"));
        assertThat(masks.apply("phone", null)).isNull();
        assertThat(masks.apply("id", "7")).isEqualTo("7");
    }

    @Test
    void aMaskedColumnThatTheTableLacksIsRefused() {
        MaskedColumns masks = MaskedColumns.of(parse(MASKED).tables().get(0));

        masks.require(List.of("id", "card", "phone"), List.of("id"));
        assertThatThrownBy(() -> masks.require(List.of("id", "card", "telephone"), List.of()))
                .hasMessageContaining("Cannot read public.orders: tables.orders.mask of the pipeline file names phone")
                .hasMessageContaining("Was it renamed?");
        assertThatThrownBy(() -> masks.require(List.of("id", "card", "phone"), List.of("card")))
                .hasMessageContaining("names card, which is in the primary key of the table");
    }

    @Test
    void tablesOfOneSourceMaskAlike() {
        String another = MASKED + "  copy: {source: public.orders, key: [id], columns: {id: id}}\n";

        assertThatThrownBy(() -> parse(another))
                .hasMessageContaining(
                        "tables.orders and tables.copy read the same source, public.orders, and must have");
    }

    @Test
    void theSaltIsNeverPrinted() {
        assertThat(parse(MASKED).toString()).doesNotContain("0123456789abcdef");
    }

    @Test
    void faultsOfMasksAreNamedAtOnce() {
        String faulty = MASKED.replace("{card: hash, phone: redact}", "{id: hash, note: redact, card: hsh}");

        assertThatThrownBy(() -> parse(faulty))
                .hasMessageContaining("3 settings are invalid")
                .hasMessageContaining("line 11: tables.orders.mask names id, which is part of the key")
                .hasMessageContaining("line 11: tables.orders.mask names note, which is excluded")
                .hasMessageContaining("tables.orders.mask.card must be one of hash, redact (is \"hsh\")");
    }

    @Test
    void aHashNeedsASaltThatNobodyGuesses() {
        assertThatThrownBy(() -> parse(MASKED.replace(", maskSalt: \"${SALT}\"", "")))
                .hasMessageContaining("tables.orders.mask.card is hash, which needs source.maskSalt of at least 16");
        assertThatThrownBy(() -> PipelineFile.parse("shop.yaml", MASKED, name -> "short-salt"))
                .hasMessageContaining("needs source.maskSalt of at least 16")
                .hasMessageNotContaining("short-salt");
        assertThatThrownBy(() -> parse(MASKED.replace("${SALT}", "0123456789abcdef")))
                .hasMessageContaining("source.maskSalt must be ${NAME} of an environment variable or file:PATH");
    }

    private static Pipeline parse(String yaml) {
        return PipelineFile.parse("shop.yaml", yaml, name -> "0123456789abcdef");
    }
}
