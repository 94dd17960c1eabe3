package headwater.capture.partd.generate;

/** All that the generated rows of every table are made from; immutable, shared by threads. */
public record PartDShape(PartDSize size, Seed seed, Places places, Drugs drugs, Prescribers prescribers) {

    public static PartDShape of(long rows, long seed) {
        PartDSize size = new PartDSize(rows);
        Places places = new Places(size.cities());
        return new PartDShape(
                size, new Seed(seed), places, new Drugs(size.pairs(), new Seed(seed)), new Prescribers(places));
    }
}
