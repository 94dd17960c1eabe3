package headwater.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.groupingBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The kinds of rules that hold for the code of every module; each says what to do where it is broken. */
final class Rules {
    private static final int MOST_CLASSES = 25;

    static ArchRule floors(Floors floors, String house) {
        return classes()
                .that()
                .resideInAPackage(house + "..")
                .should(floors)
                .because("a reader goes down a house and never up: move what a lower room needs into a lower room, or"
                        + " hand it in as a parameter");
    }

    static ArchRule noCycles() {
        return slices().matching("headwater.(**)")
                .should()
                .beFreeOfCycles()
                .because(
                        "packages are read and changed one by one: move what both need into the one that the other uses");
    }

    static ArchRule fewClasses() {
        return classes()
                .that(areOnTop())
                .should(each(
                        "stand in a package of at most " + MOST_CLASSES + " classes",
                        JavaClass::getPackageName,
                        (name, some) -> some.size() > MOST_CLASSES
                                ? "package " + name + " has " + some.size() + " classes"
                                : null))
                .because("a room with more tells more than one story: find the second one and give it a room");
    }

    static ArchRule noNameTwice() {
        return classes()
                .that(areOnTop())
                .should(each(
                        "have a name of their own",
                        JavaClass::getSimpleName,
                        (name, some) -> some.size() > 1
                                ? name + " is the name of "
                                        + some.stream()
                                                .map(JavaClass::getName)
                                                .sorted()
                                                .toList()
                                : null))
                .because("one word stands for one thing: name one of them for what sets it apart");
    }

    /** @param used packages, with {@code ..} for those below */
    static ArchRule knownOnlyIn(List<String> used, List<String> rooms, String why) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(rooms.toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(used.toArray(String[]::new))
                .because(why);
    }

    static ArchRule nouns() {
        return noClasses()
                .should()
                .haveNameMatching(".*(Utils?|Helper|Manager|Impl)")
                .because("a class is named by the noun that the README and the messages use: find the noun, or put the"
                        + " method where its data is");
    }

    static ArchRule onlyCommandsPrint() {
        return noClasses()
                .that()
                .haveSimpleNameNotEndingWith("Command")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .because("only a command knows where its words go: take its PrintStream as a parameter, or log");
    }

    private static DescribedPredicate<JavaClass> areOnTop() {
        return DescribedPredicate.describe(
                "are classes of their own file",
                one -> one.isTopLevelClass() && !one.getSimpleName().equals("package-info"));
    }

    private interface Fault {
        String of(String name, List<JavaClass> some);
    }

    /** Looks at classes in groups. */
    private static ArchCondition<JavaClass> each(String text, Function<JavaClass, String> group, Fault fault) {
        return new ArchCondition<>(text) {
            private Map<String, List<JavaClass>> groups = Map.of();

            @Override
            public void init(Collection<JavaClass> all) {
                groups = all.stream().collect(groupingBy(group));
            }

            @Override
            public void check(JavaClass one, ConditionEvents events) {
                List<JavaClass> some = groups.get(group.apply(one));
                String found = fault.of(group.apply(one), some);
                if (found != null && some.get(0).equals(one)) {
                    events.add(SimpleConditionEvent.violated(one, found));
                }
            }
        };
    }

    private Rules() {}
}
