package headwater.capture.partd.generate;

/** How a row of prescriber_drug breaks a rule of the cleansed table. */
enum Flaw {
    NONE,
    WRONG_CHECK_DIGIT,
    NO_SPECIALTY,
    BLANK_SPECIALTY,
    BLANK_BRAND,
    NO_GENERIC,
    NO_CLAIMS,
    NEGATIVE_CLAIMS,
    NO_COST,
    NEGATIVE_COST;

    /** Any of those that break a rule. */
    static Flaw any(int number) {
        return values()[1 + Math.floorMod(number, values().length - 1)];
    }
}
