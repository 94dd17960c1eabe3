package headwater.capture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM beside the test's, with the same classes and, as the launcher gives them, the flags of {@code HEADWATER_JVM}. */
final class OtherJvm {

    /** @param properties such as {@code -Dheadwater.process=capture} */
    static ProcessBuilder running(Class<?> main, List<String> properties, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.addAll(List.of(System.getenv()
                .getOrDefault("HEADWATER_JVM", "-XX:+UseSerialGC")
                .split(" ")));
        command.addAll(properties);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private OtherJvm() {}
}
