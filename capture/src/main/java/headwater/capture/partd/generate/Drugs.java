package headwater.capture.partd.generate;

import headwater.capture.partd.source.CopyText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The (brand, generic) pairs: a hundred real ones lead, made-up ones follow. Two in three rows name a drug whose brand
 * is its generic name, though these are a fifth of the pairs.
 */
final class Drugs {
    /** Weight of the generics: 66 % of rows, since a prescriber has a popular drug only once. */
    private static final double GENERIC_ROWS = 0.683;

    private static final double GENERIC_PAIRS = 0.19;
    /** Drugs of the prescriber of a typical row. */
    private static final double TYPICAL_DRUGS = 60;

    private static final String[] HEADS = {
        "Ab", "Al", "Bel", "Bri", "Cal", "Cor", "Dal", "Del", "Eli", "Ena", "Fel", "For", "Gal", "Hel", "Ibu", "Jan",
        "Kel", "Lam", "Lev", "Mar", "Nor", "Ola", "Pra", "Quin", "Rel", "Sor", "Tal", "Ura", "Vel", "Zan"
    };
    private static final String[] MIDDLES = {
        "a", "bi", "ca", "do", "e", "fo", "gi", "lu", "ma", "ni", "o", "pe", "ra", "si", "ta", "ve", "xi", "zo"
    };
    /** Ends of generic names and what kind of drug they stand for, as in drugs.txt. */
    private static final String[] ENDS = {
        "pril",
        "sartan",
        "statin",
        "olol",
        "prazole",
        "gliptin",
        "gliflozin",
        "lukast",
        "triptan",
        "dipine",
        "oxetine",
        "tinib",
        "mab",
        "parin",
        "thiazide",
        "conazole",
        "vir",
        "setron",
        "cycline:B",
        "codone:O",
        "apine:P"
    };

    private static final String[] SALTS = {"", "", " HCl", " Sodium", " Maleate", " Potassium", " Fumarate", " Acetate"
    };
    private static final String[] FORMS = {"", "", "", "", " XR", " ER", " HFA", " Kwikpen", " ODT", "-D"};

    /**
     * @param priceScore standard normal score of its price among all rows
     * @param flags O opioid, L long-acting, B antibiotic, P antipsychotic
     */
    record Drug(
            String brand, String generic, byte[] encodedBrand, byte[] encodedGeneric, double priceScore, String flags) {

        boolean branded() {
            return !brand.equals(generic);
        }

        boolean is(char flag) {
            return flags.indexOf(flag) >= 0;
        }
    }

    private record Name(String brand, String generic, String flags) {}

    private final List<Drug> drugs;
    private final Weighted popularity;

    Drugs(int pairs, Seed seed) {
        SplittableRandom random = seed.stream("drugs", 0);
        int generics = (int) Math.round(pairs * GENERIC_PAIRS);
        List<Name> names = names(generics, pairs - generics, random);
        popularity =
                new Weighted(DoubleStream.concat(zipf(generics, GENERIC_ROWS), zipf(pairs - generics, 1 - GENERIC_ROWS))
                        .toArray());
        double[] scores = priceScores(generics, random);
        drugs = IntStream.range(0, pairs)
                .mapToObj(i -> drug(names.get(i), scores[i]))
                .toList();
    }

    int size() {
        return drugs.size();
    }

    Drug drug(int index) {
        return drugs.get(index);
    }

    int pick(SplittableRandom random) {
        return popularity.pick(random);
    }

    /** The part of all rows that name a drug. */
    double share(int index) {
        return popularity.share(index);
    }

    /** Zipf's law with a flat head, which is how prescribers share drugs in the CMS file; all ranks add up to the sum. */
    private static DoubleStream zipf(int ranks, double sum) {
        double[] weights = IntStream.range(0, ranks)
                .mapToDouble(rank -> Math.pow(rank + 1 + ranks / 12.0, -1.6))
                .toArray();
        double all = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / all * sum);
    }

    /** Brands cost more; each score is the drug's place when all rows are ordered by price. */
    private double[] priceScores(int generics, SplittableRandom random) {
        double[] price = IntStream.range(0, popularity.size())
                .mapToDouble(i -> random.nextDouble() + (i < generics ? 0 : 0.7))
                .toArray();
        // a prescriber has a drug only once, which takes most from the popular ones
        double[] rows = IntStream.range(0, price.length)
                .mapToDouble(i -> 1 - Math.exp(-TYPICAL_DRUGS * popularity.share(i)))
                .toArray();
        double all = Arrays.stream(rows).sum();
        double[] scores = new double[price.length];
        double below = 0;
        for (int i : IntStream.range(0, price.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> price[i]))
                .toList()) {
            scores[i] = Quantiles.score((below + rows[i] / 2) / all);
            below += rows[i];
        }
        return scores;
    }

    private static Drug drug(Name name, double score) {
        return new Drug(
                name.brand(),
                name.generic(),
                CopyText.encode(name.brand()),
                CopyText.encode(name.generic()),
                score,
                name.flags());
    }

    /** First the generics, then the brands. */
    private static List<Name> names(int generics, int brands, SplittableRandom random) {
        List<Name> generic = new ArrayList<>();
        List<Name> brand = new ArrayList<>();
        Set<String> used = new HashSet<>();
        for (String[] line : WordList.fields("drugs.txt", 3)) {
            String ingredient = line[1].isEmpty() ? line[0] : line[1];
            List<Name> names = ingredient.equals(line[0]) ? generic : brand;
            if (names.size() < (names == generic ? generics : brands)) {
                names.add(new Name(line[0], ingredient, line[2]));
                used.add(line[0]);
            }
        }
        while (generic.size() < generics) {
            Name made = ingredient(random);
            if (used.add(made.generic())) {
                generic.add(made);
            }
        }
        while (brand.size() < brands) {
            // half of the brands contain what a generic is called, the rest something of their own
            Name made = random.nextBoolean() ? generic.get(random.nextInt(generics)) : ingredient(random);
            String name = made(random) + FORMS[random.nextInt(FORMS.length)];
            if (used.add(name)) {
                brand.add(new Name(name, made.generic(), made.flags()));
            }
        }
        generic.addAll(brand);
        return generic;
    }

    private static Name ingredient(SplittableRandom random) {
        String[] end = ENDS[random.nextInt(ENDS.length)].split(":", 2);
        String name = made(random) + end[0] + SALTS[random.nextInt(SALTS.length)];
        return new Name(name, name, end.length > 1 ? end[1] : "");
    }

    private static String made(SplittableRandom random) {
        return HEADS[random.nextInt(HEADS.length)]
                + MIDDLES[random.nextInt(MIDDLES.length)]
                + MIDDLES[random.nextInt(MIDDLES.length)];
    }
}
