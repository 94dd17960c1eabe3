package headwater.capture.partd.generate;

import headwater.capture.partd.generate.Places.City;
import headwater.capture.partd.generate.Places.State;
import headwater.capture.partd.source.CopyText;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Makes prescribers: who they are depends on the seed and their number alone, not on the year. */
public final class Prescribers {
    private static final int FIRST_LEADING = 100_300_000;
    /** Room between two NPIs, so that they look like NPIs and still ascend with the number. */
    private static final int SPREAD = 37;
    /** Numbers from here on are free for change traffic. */
    public static final int FREE_LEADING = 270_000_000;

    private static final String[] ODD_NAMES = {
        "TRUE", "NA", "NULL", "D'SOUZA", "MILLER, JR.", "O'Brien", "St. John", "Ng"
    };
    private static final @Nullable String[] ODD_STATES = {"lower", null, "", "  ", "QQ", "U.S."};
    private static final @Nullable String[] CREDENTIALS = {"M.D.", "MD", "D.O.", "NP", "PA-C", "DDS", "FNP-BC", null};
    private static final String[] STREETS = {
        "Main St", "Oak Ave", "Medical Center Dr", "Hospital Blvd", "Park Rd", "2nd Ave"
    };
    private static final String[] BUSINESSES = {"Family Clinic", "Medical Group LLC", "Health Center", "Pharmacy, Inc."
    };

    private static final byte[] MALE = CopyText.encode("M");
    private static final byte[] FEMALE = CopyText.encode("F");
    private static final byte[] PERSON = CopyText.encode("I");
    private static final byte[] ORGANIZATION = CopyText.encode("O");
    private static final byte[] BY_CLAIMS = CopyText.encode("S");
    private static final byte[] BY_TAXONOMY = CopyText.encode("T");

    private final Places places;
    private final List<String> surnames = WordList.lines("surnames.txt");
    private final List<String> firstNames = WordList.lines("firstnames.txt");
    private final List<byte[]> encodedSurnames =
            surnames.stream().map(CopyText::encode).toList();
    private final List<byte[]> encodedFirstNames =
            firstNames.stream().map(CopyText::encode).toList();
    private final byte[][] initials = "ABCDEFGHJKLMNPRSTW"
            .chars()
            .mapToObj(letter -> CopyText.encode(Character.toString(letter)))
            .toArray(byte[][]::new);
    private final List<String> specialties;
    private final List<byte[]> encodedSpecialties;
    private final Weighted specialtyShares;

    Prescribers(Places places) {
        this.places = places;
        List<String[]> lines = WordList.fields("specialties.txt", 2);
        specialties = lines.stream().map(line -> line[0]).toList();
        encodedSpecialties = specialties.stream().map(CopyText::encode).toList();
        specialtyShares = new Weighted(
                lines.stream().mapToDouble(line -> Double.parseDouble(line[1])).toArray());
    }

    /** The next prescriber of a stream. */
    Prescriber next(SplittableRandom random, int number) {
        City city = places.city(places.state(random), random);
        boolean person = random.nextInt(100) > 0;
        int first = random.nextInt(firstNames.size());
        int specialty = specialtyShares.pick(random);
        boolean untidy = random.nextInt(200) == 0;
        return new Prescriber(
                Npi.of(FIRST_LEADING + number * SPREAD + random.nextInt(SPREAD)),
                person ? lastName(random, untidy) : business(city, random),
                person ? encodedFirstNames.get(first) : null,
                person && random.nextInt(3) > 0 ? initials[random.nextInt(initials.length)] : null,
                person ? CopyText.encodeOrNull(CREDENTIALS[random.nextInt(CREDENTIALS.length)]) : null,
                person ? (first % 2 == 0 ? MALE : FEMALE) : null,
                entity(person, random),
                CopyText.encode(1 + random.nextInt(9_999) + " " + STREETS[random.nextInt(STREETS.length)]),
                random.nextInt(4) == 0 ? CopyText.encode("Suite " + (100 + random.nextInt(400))) : null,
                city,
                state(city.state(), random),
                untidy && random.nextBoolean()
                        ? CopyText.encode(untidy(specialties.get(specialty), random))
                        : encodedSpecialties.get(specialty),
                random.nextInt(20) == 0 ? BY_TAXONOMY : BY_CLAIMS,
                random.nextInt(50) == 0 ? places.city(places.state(random), random) : null);
    }

    private static byte @Nullable [] entity(boolean person, SplittableRandom random) {
        return random.nextInt(500) == 0 ? null : person ? PERSON : ORGANIZATION;
    }

    private byte[] lastName(SplittableRandom random, boolean untidy) {
        int name = random.nextInt(surnames.size());
        if (untidy) {
            return CopyText.encode(untidy(surnames.get(name).toUpperCase(Locale.ROOT), random));
        }
        return random.nextInt(300) == 0
                ? CopyText.encode(ODD_NAMES[random.nextInt(ODD_NAMES.length)])
                : encodedSurnames.get(name);
    }

    private byte[] business(City city, SplittableRandom random) {
        return CopyText.encode(city.name() + " " + BUSINESSES[random.nextInt(BUSINESSES.length)]);
    }

    /** The code, one in five hundred times written as cleansing must not take it: as XX. */
    private static byte @Nullable [] state(State state, SplittableRandom random) {
        if (random.nextInt(500) > 0) {
            return state.encodedCode();
        }
        String odd = ODD_STATES[random.nextInt(ODD_STATES.length)];
        return CopyText.encodeOrNull("lower".equals(odd) ? state.code().toLowerCase(Locale.ROOT) : odd);
    }

    /** White space that cleansing trims or folds away. */
    static String untidy(String text, SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> text + "   ";
            case 1 -> " " + text;
            case 2 -> text.replace(" ", "  ") + " ";
            default -> text + "\t";
        };
    }
}
