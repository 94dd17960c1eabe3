package headwater.lake.pipeline;

import java.util.Collection;
import java.util.Comparator;

/** Finds the known word nearest to a mistyped one. */
public final class DidYouMean {

    /** {@code " (did you mean x?)"}, or nothing if no word is near. */
    public static String hint(String typed, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(word -> distance(typed, word)))
                .filter(word -> distance(typed, word) <= Math.max(2, typed.length() / 3))
                .map(word -> " (did you mean " + word + "?)")
                .orElse("");
    }

    /** Levenshtein's distance, ignoring case. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(java.util.Locale.ROOT);
        String b = right.toLowerCase(java.util.Locale.ROOT);
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[b.length()];
    }

    private DidYouMean() {}
}
