package headwater.capture.partd.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import headwater.capture.partd.source.CopyText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The generated rows against the distributions of the CMS files of 2020. */
class PartDRowsTest {
    private static final long ROWS = 75_000;
    private static final int NPI = 2;
    private static final int STATE = 6;
    private static final int FIPS = 7;
    private static final int SPECIALTY = 8;
    private static final int BRAND = 10;
    private static final int GENERIC = 11;
    private static final int CLAIMS = 12;
    private static final int COST = 15;
    private static final int BENEFICIARIES = 16;

    private static List<String[]> drugRows;
    private static List<String[]> prescribers;

    @BeforeAll
    static void generate() {
        PartDShape shape = PartDShape.of(ROWS, 1);
        PartDRows rows = new PartDRows(shape, 2020, 1, 1);
        CopyText people = new CopyText();
        CopyText drugs = new CopyText();
        for (int chunk = 0; chunk < shape.size().chunks(); chunk++) {
            rows.write(chunk, people, drugs);
        }
        drugRows = split(drugs);
        prescribers = split(people);
    }

    @Test
    void rowsAreAsManyAsAskedForWithAllColumnsAndConsecutiveIds() {
        assertThat(drugRows).hasSize((int) ROWS).allMatch(row -> row.length == 24);
        assertThat(prescribers).hasSize(3_750).allMatch(row -> row.length == columns(PrescriberTotals.COLUMNS));
        assertConsecutive(drugRows);
        assertConsecutive(prescribers);
    }

    @Test
    void claimsFollowTheQuantilesOf2020() {
        assertQuantiles(CLAIMS, 1, 11, 15, 24, 48, 107, 396);
    }

    @Test
    void costsFollowTheQuantilesOf2020() {
        assertQuantiles(COST, 5, Double.NaN, 244, 657, 2_259, 6_899, 53_665);
    }

    @Test
    void beneficiariesAreNullIn56Percent() {
        assertThat(share(drugRows, row -> row[BENEFICIARIES].equals("\\N"))).isCloseTo(0.56, within(0.01));
    }

    @Test
    void suppressionFlagStandsExactlyWhereItsDetailsAreNull() {
        for (String[] row : drugRows) {
            assertThat(present(row[17])).isNotEqualTo(present(row[18]));
            assertThat(Stream.of(row[18], row[19], row[20], row[21])
                            .map(PartDRowsTest::present)
                            .distinct())
                    .hasSize(1);
            assertThat(present(row[22])).isNotEqualTo(present(row[23]));
        }
        assertThat(drugRows.stream().map(row -> row[17]).distinct()).containsExactlyInAnyOrder("\\N", "*", "#");
        assertThat(drugRows.stream().filter(row -> present(row[18])).map(row -> Integer.parseInt(row[18])))
                .noneMatch(claims -> claims > 0 && claims < 11);
    }

    @Test
    void brandIsTheGenericNameForTwoThirdsOfTheRowsAndAFifthOfThePairs() {
        assertThat(share(drugRows, row -> row[BRAND].strip().equals(row[GENERIC])))
                .isCloseTo(0.66, within(0.01));
        Set<List<String>> pairs = drugRows.stream()
                .filter(row -> !row[BRAND].isBlank() && present(row[GENERIC]))
                .map(row -> List.of(row[BRAND].strip(), row[GENERIC]))
                .collect(Collectors.toSet());
        assertThat(pairs).hasSizeBetween(1_850, 1_875);
    }

    @Test
    void prescribersHaveAbout25DrugsEachAndAFifthHasNone() {
        long prescribing = drugRows.stream()
                .map(row -> row[NPI])
                .filter(npi -> Npi.valid(Long.parseLong(npi)))
                .distinct()
                .count();
        assertThat((double) ROWS / prescribing).isCloseTo(25, within(0.5));
        assertThat((double) prescribing / prescribers.size()).isCloseTo(0.8, within(0.01));
    }

    @Test
    void npisAscendAndAreValidButForOneInAThousand() {
        List<Long> npis =
                prescribers.stream().map(row -> Long.parseLong(row[NPI])).toList();
        assertThat(npis).isSorted().doesNotHaveDuplicates();
        assertThat(npis.stream().filter(npi -> !Npi.valid(npi)).count() / (double) npis.size())
                .isBetween(0.0001, 0.003);
    }

    @Test
    void oneDrugRowInAThousandBreaksARuleAndEveryRuleIsBroken() {
        Map<String, Predicate<String[]>> rules = Map.of(
                "NPI", row -> Npi.valid(Long.parseLong(row[NPI])),
                "specialty", row -> present(row[SPECIALTY]) && !row[SPECIALTY].isBlank(),
                "brand", row -> !row[BRAND].isBlank(),
                "generic", row -> present(row[GENERIC]),
                "claims", row -> present(row[CLAIMS]) && Integer.parseInt(row[CLAIMS]) >= 0,
                "cost", row -> present(row[COST]) && Double.parseDouble(row[COST]) >= 0);
        assertThat(share(drugRows, row -> rules.values().stream().anyMatch(rule -> !rule.test(row))))
                .isCloseTo(0.001, within(0.0003));
        rules.forEach((name, rule) ->
                assertThat(drugRows.stream().filter(rule.negate())).as(name).isNotEmpty());
    }

    @Test
    void uniqueKeyOfTheSourceHolds() {
        Set<List<String>> keys = new HashSet<>();
        assertThat(drugRows.stream()
                        .filter(row -> present(row[GENERIC]))
                        .filter(row -> !keys.add(List.of(row[NPI], row[BRAND], row[GENERIC]))))
                .isEmpty();
    }

    @Test
    void specialtiesAreLedAsIn2020() {
        Map<String, Long> counts = counts(prescribers, row -> row[18].strip());
        assertThat(counts.keySet().size()).isBetween(140, 200);
        Map<String, Double> leaders =
                Map.of("Nurse Practitioner", 16.0, "Internal Medicine", 10.0, "Family Practice", 10.0, "Dentist", 10.0);
        leaders.forEach((name, percent) -> assertThat(counts.get(name) * 100.0 / prescribers.size())
                .as(name)
                .isCloseTo(percent, within(1.5)));
    }

    @Test
    void statesFollowThePopulationOverNearlyAllCodes() {
        Map<String, Long> counts = counts(prescribers, row -> row[12]);
        Map<String, Double> largest = Map.of("CA", 10.4, "NY", 7.1, "FL", 6.5, "TX", 6.3, "PA", 4.8);
        largest.forEach((code, percent) -> assertThat(counts.get(code) * 100.0 / prescribers.size())
                .as(code)
                .isCloseTo(percent, within(1.2)));
        long codes = counts.keySet().stream()
                .filter(code -> code.matches("[A-Z]{2}"))
                .count();
        assertThat(codes).isGreaterThan(52);
        assertThat(counts.keySet())
                .as("odd ones")
                .anyMatch(code -> code.matches("[a-z]{2}"))
                .contains("\\N");
    }

    @Test
    void militaryForeignAndUnknownPlacesHaveNoFipsCode() {
        Set<String> without = Set.of("AA", "AE", "AP", "FM", "XX", "ZZ");
        assertThat(drugRows.stream().filter(row -> row[STATE].matches("[A-PR-Z][A-Z]")))
                .allSatisfy(row -> assertThat(present(row[FIPS])).isNotEqualTo(without.contains(row[STATE])));
    }

    @Test
    void chunksAreTheSameWhoeverMakesThemInWhateverOrder() {
        PartDShape shape = PartDShape.of(60_000, 7);
        List<String> forwards = chunks(shape, List.of(0, 1, 2));
        List<String> backwards = chunks(PartDShape.of(60_000, 7), List.of(2, 1, 0));
        Collections.reverse(backwards);
        assertThat(forwards).isEqualTo(backwards);
        assertThat(chunks(PartDShape.of(60_000, 8), List.of(0)).get(0)).isNotEqualTo(forwards.get(0));
    }

    @Test
    void prescribersStayTheSameInAnotherYearAndTheirClaimsDoNot() {
        PartDShape shape = PartDShape.of(1_000, 1);
        List<String[]> years = new ArrayList<>();
        for (int year : new int[] {2019, 2020}) {
            CopyText people = new CopyText();
            new PartDRows(shape, year, 1, 1).write(0, people, new CopyText());
            years.add(split(people).get(0));
        }
        assertThat(Arrays.copyOfRange(years.get(0), NPI, 18)).isEqualTo(Arrays.copyOfRange(years.get(1), NPI, 18));
        assertThat(years.get(0)[20]).isNotEqualTo(years.get(1)[20]);
    }

    @Test
    void smallSizesAreWhole() {
        for (long rows : new long[] {1, 24, 26, 24_999, 25_001}) {
            PartDShape shape = PartDShape.of(rows, 1);
            CopyText drugs = new CopyText();
            PartDRows writer = new PartDRows(shape, 2020, 1, 1);
            for (int chunk = 0; chunk < shape.size().chunks(); chunk++) {
                writer.write(chunk, new CopyText(), drugs);
            }
            assertThat(split(drugs)).hasSize((int) rows);
        }
    }

    @Test
    void drugAndCityRowsHaveTheSizesOfAFullYear() {
        PartDShape shape = PartDShape.of(25_000_000, 1);
        CopyText drugs = new CopyText();
        CopyText cities = new CopyText();
        ReferenceRows rows = new ReferenceRows(shape);
        assertThat(rows.writeDrugs(2020, 1, drugs)).isEqualTo(rows.drugRows()).isBetween(114_000, 116_000);
        assertThat(rows.writeCities(1, cities)).isBetween(27_500, 28_500);
        List<String[]> national = drugs.toString()
                .lines()
                .filter(line -> line.contains("\tNational\t"))
                .map(line -> line.split("\t", -1))
                .toList();
        assertThat(national).hasSize(3_100);
        assertThat(share(national, row -> row[22].equals("Y"))).isCloseTo(0.0475, within(0.015));
        assertThat(split(cities).stream().map(row -> List.of(row[1], row[2], row[4])))
                .doesNotHaveDuplicates();
        assertThat(split(cities).stream()
                        .map(row -> row[2].toUpperCase(Locale.ROOT))
                        .distinct())
                .hasSize(52);
    }

    private static List<String> chunks(PartDShape shape, List<Integer> numbers) {
        PartDRows rows = new PartDRows(shape, 2020, 1, 1);
        return numbers.stream()
                .map(chunk -> {
                    CopyText people = new CopyText();
                    CopyText drugs = new CopyText();
                    rows.write(chunk, people, drugs);
                    return people.toString() + drugs;
                })
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static void assertQuantiles(int column, double percent, double... expected) {
        double[] parts = {0, 0.25, 0.5, 0.75, 0.9, 0.99};
        double[] values = drugRows.stream()
                .filter(row -> present(row[column]) && !row[column].startsWith("-"))
                .mapToDouble(row -> Double.parseDouble(row[column]))
                .sorted()
                .toArray();
        for (int i = 0; i < parts.length; i++) {
            if (!Double.isNaN(expected[i])) {
                assertThat(values[(int) (parts[i] * values.length)])
                        .as("quantile %s", parts[i])
                        .isCloseTo(expected[i], Percentage.withPercentage(percent + (parts[i] > 0.95 ? 5 : 0)));
            }
        }
    }

    private static void assertConsecutive(List<String[]> rows) {
        for (int i = 0; i < rows.size(); i++) {
            assertThat(rows.get(i)[0]).isEqualTo(String.valueOf(i + 1));
        }
    }

    private static Map<String, Long> counts(List<String[]> rows, Function<String[], String> of) {
        return rows.stream().collect(Collectors.groupingBy(of, Collectors.counting()));
    }

    private static double share(List<String[]> rows, Predicate<String[]> condition) {
        return rows.stream().filter(condition).count() / (double) rows.size();
    }

    private static boolean present(String value) {
        return !value.equals("\\N");
    }

    private static int columns(String list) {
        return list.split(",").length;
    }

    private static List<String[]> split(CopyText text) {
        return text.toString().lines().map(line -> line.split("\t", -1)).toList();
    }
}
