package headwater.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import headwater.lake.process.Home;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms of all three modules: what each may use, and how classes are named. Needs all modules compiled. */
class ArchitectureTest {
    /** What capture and publish may use of lake: it has neither Spark nor Delta with it. */
    private static final List<String> SHARED = Stream.of(
                    "contract", "process", "pipeline", "source", "store", "embedded", "watch")
            .map(name -> "headwater.lake." + name)
            .toList();

    private static final JavaClasses PROJECT = new ClassFileImporter()
            .importPaths(Stream.of("lake", "capture", "publish")
                    .map(ArchitectureTest::classesOf)
                    .toList());

    @Test
    void allModulesAreLookedAt() {
        for (String module : List.of("lake", "capture", "publish")) {
            assertThat(PROJECT.stream().filter(one -> one.getPackageName().startsWith("headwater." + module)))
                    .as(module)
                    .hasSizeGreaterThan(50);
        }
    }

    @Test
    void roomsOfLakeUseLowerOnes() {
        Floors floors = Floors.of("headwater.lake")
                .floor("contract")
                .floor("process")
                .floor("pipeline")
                .floor("store", "embedded", "source")
                .floor("watch", "parquet")
                .floor("table")
                .floor("raw")
                .floor("load", "cleanse")
                .floor("curate")
                .floor("pass", "bench")
                .floor("");
        Rules.floors(floors, "headwater.lake").check(PROJECT);
    }

    @Test
    void roomsOfCaptureUseLowerOnes() {
        Floors floors = Floors.of("headwater.capture")
                .ground(SHARED)
                .floor("raw", "partd.source")
                .floor("engine", "partd.generate", "partd.load")
                .floor("source", "partd.traffic")
                .floor("bench", "partd")
                .floor("");
        Rules.floors(floors, "headwater.capture").check(PROJECT);
    }

    @Test
    void roomsOfPublishUseLowerOnes() {
        Floors floors = Floors.of("headwater.publish")
                .ground(SHARED)
                .floor("delta")
                .floor("mart")
                .floor("check")
                .floor("setup", "status")
                .floor("report", "demo")
                .floor("report.partd", "bench")
                .floor("bench.report", "bench.capture", "bench.backfill", "bench.merge")
                .floor("bench.command")
                .floor("");
        Rules.floors(floors, "headwater.publish").check(PROJECT);
    }

    @Test
    void noPackageIsPartOfACycle() {
        Rules.noCycles().check(PROJECT);
    }

    @Test
    void noPackageIsCrowded() {
        Rules.fewClasses().check(PROJECT);
    }

    @Test
    void noNameStandsForTwoThings() {
        Rules.noNameTwice().check(PROJECT);
    }

    @Test
    void classesAreNamedForWhatTheyAre() {
        Rules.nouns().check(PROJECT);
    }

    @Test
    void onlyCommandsPrint() {
        Rules.onlyCommandsPrint().check(PROJECT);
    }

    @Test
    void insidesOfLibrariesAreKnownInOneRoomOfAModule() {
        Rules.knownOnlyIn(
                        List.of("org.apache.spark.sql.delta.."),
                        List.of("headwater.lake.table"),
                        "Delta's own classes change with every version: let this room do it, and the upgrade touches it alone")
                .check(PROJECT);
        Rules.knownOnlyIn(
                        List.of("io.delta.kernel.internal.."),
                        List.of("headwater.capture.raw", "headwater.publish.delta"),
                        "Kernel's internal classes change with every version: let one of these rooms do it")
                .check(PROJECT);
        Rules.knownOnlyIn(
                        List.of("io.debezium..", "org.apache.kafka.."),
                        List.of("headwater.capture.engine", "headwater.capture.bench"),
                        "what comes out of the engine is ours: turn Debezium's records into it there")
                .check(PROJECT);
    }

    @Test
    void sparkIsKnownInLakeOnly() {
        List<String> rooms = Stream.of("parquet", "table", "raw", "load", "cleanse", "curate", "pass", "bench")
                .map(name -> "headwater.lake." + name)
                .toList();
        Rules.knownOnlyIn(
                        List.of("org.apache.spark..", "io.delta.tables..", "scala.."),
                        Stream.concat(Stream.of("headwater.lake"), rooms.stream())
                                .toList(),
                        "capture and publish never share a JVM with Spark: they read and write Delta tables with Kernel")
                .check(PROJECT);
    }

    @Test
    void theContractIsReadByEveryTool() {
        classes()
                .that()
                .resideInAPackage("headwater.lake.contract..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("headwater.lake.contract..", "java..", "org.jspecify.annotations..")
                .because("every process and every tool may read the contract: keep what needs a library in the package"
                        + " that uses the library")
                .check(PROJECT);
    }

    @Test
    void theLogStoreTakesNothingThatOnlyOneOfItsUsersBrings() {
        noClasses()
                .that()
                .resideInAPackage("headwater.lake.store..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "headwater.lake..",
                        "java..",
                        "org.apache.hadoop..",
                        "io.delta.storage..",
                        // what S3A is asked by, and brings
                        "software.amazon.awssdk.services.s3.model..",
                        "org.slf4j..",
                        "org.jspecify.annotations..")
                .because("Spark and Delta Kernel load the same log store")
                .check(PROJECT);
    }

    private static Path classesOf(String module) {
        return Home.folder().resolve(module).resolve("target/classes");
    }
}
