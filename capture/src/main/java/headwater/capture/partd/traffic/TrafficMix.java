package headwater.capture.partd.traffic;

import headwater.capture.partd.generate.Weighted;
import headwater.lake.process.Failure;
import headwater.lake.process.Remedy;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Which part of all row changes is of which kind. */
public final class TrafficMix {

    /** Kinds of statements, or groups of statements that belong into one transaction. */
    enum Kind {
        INSERT(1),
        UPDATE(1),
        DELETE(1),
        /** The id of a row. */
        KEY(1),
        /** The NPI or brand name of a row. */
        BUSINESS(1),
        /** To another state. */
        MOVE(1),
        /** Breaking or mending a rule of cleansing. */
        RULE(1),
        /** A prescriber with all its rows, a drug with its rows, a city: several tables. */
        MULTI(22),
        /** Many rows by one statement. */
        LARGE(ChangeTraffic.LARGE_ROWS);

        private final int rows;

        Kind(int rows) {
            this.rows = rows;
        }

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static final String DEFAULT_TEXT =
            "insert=18,update=20,delete=14,key=10,business=7,move=10,rule=4,multi=12,large=5";

    private final Weighted kinds;

    private TrafficMix(Map<Kind, Double> shares) {
        kinds = new Weighted(Arrays.stream(Kind.values())
                .mapToDouble(kind -> shares.getOrDefault(kind, 0.0) / kind.rows)
                .toArray());
    }

    /** The mix that the demo uses. */
    public static TrafficMix standard() {
        return parse(DEFAULT_TEXT);
    }

    /** Reads {@code kind=share,...}; kinds that are not named do not occur. */
    public static TrafficMix parse(String text) {
        Map<Kind, Double> shares = new EnumMap<>(Kind.class);
        for (String part : text.split(",", -1)) {
            String[] sides = part.strip().split("=", 2);
            Kind kind = Arrays.stream(Kind.values())
                    .filter(one -> one.label().equals(sides[0]))
                    .findFirst()
                    .orElseThrow(() -> wrong("\"" + sides[0] + "\" is not a kind of change"));
            if (sides.length < 2
                    || !sides[1].matches("[0-9]{1,4}")
                    || shares.put(kind, Double.valueOf(sides[1])) != null) {
                throw wrong("\"" + part.strip() + "\" is not a kind and its share, or is given twice");
            }
        }
        if (shares.values().stream().allMatch(share -> share == 0)) {
            throw wrong("all shares are 0");
        }
        return new TrafficMix(shares);
    }

    Kind pick(SplittableRandom random) {
        return Kind.values()[kinds.pick(random)];
    }

    private static Failure wrong(String why) {
        return new Failure(
                Remedy.USAGE,
                "--mix cannot be used: " + why + ". Write kind=share, shares from 0 to 9999, with kinds among "
                        + Arrays.stream(Kind.values()).map(Kind::label).collect(Collectors.joining(", "))
                        + ", such as --mix " + DEFAULT_TEXT + ".");
    }
}
