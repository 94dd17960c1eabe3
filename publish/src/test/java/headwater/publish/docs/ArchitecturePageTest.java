package headwater.publish.docs;

import static org.assertj.core.api.Assertions.assertThat;

import headwater.lake.process.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/architecture.md and CONTRIBUTING.md say of the code is there. */
class ArchitecturePageTest {
    private static final List<String> MODULES = List.of("lake", "capture", "publish");
    private static final Pattern NAME = Pattern.compile("`(headwater(?:\\.[a-z]+)+(?:\\.[A-Z]\\w+)?)`");

    @Test
    void everyStepOfAChangeNamesItsClasses() {
        List<Page.Row> steps = rows("The way of a change");

        assertThat(steps).hasSizeGreaterThan(10);
        assertThat(steps)
                .filteredOn(step -> !step.cells().get(1).equals("the application"))
                .allSatisfy(step -> assertThat(names(step.cells().get(1)))
                        .as("line %s", step.line())
                        .isNotEmpty()
                        .allMatch(name -> name.matches(".*\\.[A-Z]\\w+")));
    }

    @Test
    void theRoomsAreThePackages() {
        Set<String> described = rows("The rooms").stream()
                .flatMap(room -> names(room.cells().get(1)).stream())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(described).isEqualTo(packages());
    }

    @Test
    void everyPackageAndClassThatIsNamedExists() throws IOException {
        for (String page : List.of("docs/architecture.md", "CONTRIBUTING.md", "docs/decisions/21-one-check.md")) {
            List<String> named = names(Files.readString(Home.folder().resolve(page)));
            assertThat(named)
                    .as(page)
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(exists(name)).as(name).isTrue());
        }
    }

    private static List<Page.Row> rows(String heading) {
        return Page.read("docs/architecture.md").rows().stream()
                .filter(row -> row.heading().equals(heading))
                .toList();
    }

    private static List<String> names(String text) {
        return NAME.matcher(text).results().map(name -> name.group(1)).toList();
    }

    private static boolean exists(String name) {
        boolean isClass = name.matches(".*\\.[A-Z]\\w+");
        String path = name.replace('.', '/');
        return isClass
                ? MODULES.stream()
                        .anyMatch(module -> Files.exists(classes(module).resolve(path + ".class")))
                : packages().contains(name);
    }

    private static Set<String> packages() {
        Set<String> packages = new TreeSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(classes(module))) {
                files.filter(file -> file.toString().endsWith(".class")
                                && !file.getFileName().toString().equals("package-info.class"))
                        .map(file ->
                                classes(module).relativize(file.getParent()).toString())
                        .map(folder -> folder.replace('/', '.'))
                        .forEach(packages::add);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return packages;
    }

    private static Path classes(String module) {
        return Home.folder().resolve(module).resolve("target/classes");
    }
}
