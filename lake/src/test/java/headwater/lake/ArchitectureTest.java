package headwater.lake;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the code of {@code lake} may use, and how it is named. */
@AnalyzeClasses(packages = "headwater.lake", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule contractIsJdkOnly = classes()
            .that()
            .resideInAPackage("headwater.lake.contract..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("headwater.lake.contract..", "java..", "org.jspecify.annotations..")
            .because("every process and every tool may read the contract: keep what needs a library in the package that"
                    + " uses the library");

    @ArchTest
    static final ArchRule storeIsHadoopAndDeltaStorageOnly = classes()
            .that()
            .resideInAPackage("headwater.lake.store..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "headwater.lake.store..",
                    "headwater.lake.contract..",
                    "headwater.lake.process..",
                    "headwater.lake.pipeline..",
                    "java..",
                    "org.apache.hadoop..",
                    "io.delta.storage..",
                    // what S3A is asked by, and brings
                    "software.amazon.awssdk.services.s3.model..",
                    "org.slf4j..",
                    "org.jspecify.annotations..")
            .because("Spark and Delta Kernel load the same log store: take nothing that only one of them brings");

    @ArchTest
    static final ArchRule sharedPackagesUseNoSpark = noClasses()
            .that()
            .resideInAnyPackage(
                    "headwater.lake.contract..",
                    "headwater.lake.process..",
                    "headwater.lake.pipeline..",
                    "headwater.lake.store..",
                    "headwater.lake.watch..",
                    "headwater.lake.embedded..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.spark..",
                    "io.delta.tables..",
                    "scala..",
                    "headwater.lake",
                    "headwater.lake.pass..",
                    "headwater.lake.load..",
                    "headwater.lake.curate..",
                    "headwater.lake.cleanse..",
                    "headwater.lake.raw..",
                    "headwater.lake.table..",
                    "headwater.lake.parquet..")
            .because(
                    "capture and publish use these packages and have no Spark: move Spark's part into the package of its"
                            + " step, such as cleanse");

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
