package headwater.architecture;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of rule finds what it is there to find, and is not content with nothing to look at. */
class RulesTest {
    private static final String FIXTURE = "headwater.architecture.fixture";
    private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(FIXTURE);
    private static final JavaClasses NOTHING = new ClassFileImporter().importPackages("headwater.nowhere");

    static Stream<Arguments> rules() {
        return Stream.of(
                Arguments.of(
                        Rules.floors(house(), FIXTURE), "Low.high()> calls constructor <" + FIXTURE + ".above.High"),
                Arguments.of(
                        Rules.floors(Floors.of(FIXTURE).floor("below", "broken").floor("above"), FIXTURE),
                        "Low.high()"),
                Arguments.of(Rules.floors(Floors.of(FIXTURE).floor("below"), FIXTURE), "stands on no floor"),
                Arguments.of(Rules.noCycles(), "Cycle detected"),
                Arguments.of(Rules.noNameTwice(), "Low is the name of"),
                Arguments.of(Rules.nouns(), "TableUtils"),
                Arguments.of(Rules.onlyCommandsPrint(), "TableUtils.print()"),
                Arguments.of(
                        Rules.knownOnlyIn(List.of(FIXTURE + ".above"), List.of(FIXTURE + ".above"), "seen"),
                        "Low.high()"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whatBreaksARuleIsNamed(ArchRule rule, String named) {
        assertThatThrownBy(() -> rule.check(BROKEN))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void nothingToLookAtIsAFailure(ArchRule rule, String named) {
        assertThatThrownBy(() -> rule.check(NOTHING))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("failed to check any classes");
    }

    /** Of the JDK, whose rooms are large. */
    @Test
    void aCrowdedPackageIsNamed() {
        JavaClasses crowded = new ClassFileImporter().importPackages("java.sql");
        assertThatThrownBy(() -> Rules.fewClasses().check(crowded))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("package java.sql has ");
        assertThatThrownBy(() -> Rules.fewClasses().check(NOTHING)).isInstanceOf(AssertionError.class);
        assertThatCode(() -> Rules.fewClasses().check(BROKEN)).doesNotThrowAnyException();
    }

    private static Floors house() {
        return Floors.of(FIXTURE).floor("below").floor("above").floor("broken");
    }
}
