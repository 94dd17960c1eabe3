package headwater.capture.partd.generate;

import java.util.SplittableRandom;

/** Independent random streams of one seed, each named by a purpose and a number: the same whatever thread draws them. */
record Seed(long seed) {

    SplittableRandom stream(String purpose, long number) {
        return new SplittableRandom(mixed(mixed(seed) + purpose.hashCode()) + mixed(number));
    }

    /** The finalizer of SplitMix64: near seeds give far streams. */
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
