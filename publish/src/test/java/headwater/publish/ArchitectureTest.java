package headwater.publish;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the code of {@code publish} may use, and how it is named. */
@AnalyzeClasses(packages = "headwater.publish", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] OF_LAKE = {
        "headwater.lake.contract..",
        "headwater.lake.process..",
        "headwater.lake.pipeline..",
        "headwater.lake.store..",
        "headwater.lake.watch..",
        "headwater.lake.embedded.."
    };

    @ArchTest
    static final ArchRule usesSharedPackagesOfLakeOnly = noClasses()
            .should()
            .dependOnClassesThat(resideInAPackage("headwater.lake..").and(not(resideInAnyPackage(OF_LAKE))))
            .because(
                    "publish runs without the libraries of the other packages: move what it needs into one of the five,"
                            + " whose own libraries are few");

    @ArchTest
    static final ArchRule usesNoSpark = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "io.delta.tables..", "scala..")
            .because("publish never shares a JVM with Spark: read and write Delta tables with Delta Kernel");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles = slices().matching("headwater.(**)")
            .should()
            .beFreeOfCycles()
            .because("packages are read and changed one by one: move what both need into the one that the other uses");

    @ArchTest
    static final ArchRule classesAreNamedForWhatTheyAre = noClasses()
            .should()
            .haveNameMatching(".*(Utils?|Helper|Manager|Impl)")
            .because(
                    "a class is named by the noun that the README and the messages use: find the noun, or put the method"
                            + " where its data is");

    @ArchTest
    static final ArchRule onlyCommandsPrint = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Command")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("only a command knows where its words go: take its PrintStream as a parameter, or log");
}
