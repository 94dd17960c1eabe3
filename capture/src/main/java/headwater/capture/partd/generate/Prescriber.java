package headwater.capture.partd.generate;

import headwater.capture.partd.generate.Places.City;
import headwater.capture.partd.source.CopyText;
import org.jspecify.annotations.Nullable;

/** Who prescribes: encoded values of one row of cms.prescriber up to the counts; a null array is a null. */
record Prescriber(
        long npi,
        byte[] lastName,
        byte @Nullable [] firstName,
        byte @Nullable [] middleInitial,
        byte @Nullable [] credentials,
        byte @Nullable [] gender,
        byte @Nullable [] entity,
        byte[] street,
        byte @Nullable [] suite,
        City city,
        byte @Nullable [] state,
        byte[] specialty,
        byte[] specialtySource,
        @Nullable City elsewhere) {

    /** The columns from prscrbr_npi to prscrbr_type_src of cms.prescriber. */
    void writeTo(CopyText out, long shownNpi, Rurality rurality) {
        out.number(shownNpi)
                .text(lastName)
                .text(firstName)
                .text(middleInitial)
                .text(credentials)
                .text(gender)
                .text(entity)
                .text(street)
                .text(suite)
                .text(city.encodedName())
                .text(state)
                .text(city.state().encodedFips())
                .text(city.encodedZip())
                .text(rurality.code())
                .text(rurality.description())
                .text(city.state().code().equals("ZZ") ? "CA" : "US")
                .text(specialty)
                .text(specialtySource);
    }

    /** A rural-urban commuting area code and what it says. */
    record Rurality(byte @Nullable [] code, byte @Nullable [] description) {
        private static final Rurality[] ALL = {
            of("1.0", "Metropolitan area core: primary flow within an urbanized area of 50,000 and greater"),
            of("1.1", "Secondary flow 30% to <50% to a larger urbanized area of 50,000 and greater"),
            of(
                    "2.0",
                    "Metropolitan area high commuting: primary flow 30% or more to a urbanized area of 50,000 and greater"),
            of("4.0", "Micropolitan area core: primary flow within an urban cluster of 10,000 to 49,999"),
            of("7.0", "Small town core: primary flow within an urban cluster of 2,500 to 9,999"),
            of("10.0", "Rural areas: primary flow to a tract outside a urbanized area of 50,000 and greater"),
            new Rurality(null, null)
        };

        /** The one of a prescriber: metropolitan for four in five. */
        static Rurality of(Prescriber prescriber) {
            int at = (int) (prescriber.npi() / 10 % 20);
            return ALL[Math.max(0, at - 13)];
        }

        private static Rurality of(String code, String description) {
            return new Rurality(CopyText.encode(code), CopyText.encode(description));
        }
    }
}
