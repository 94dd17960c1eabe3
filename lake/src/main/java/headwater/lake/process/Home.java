package headwater.lake.process;

import java.nio.file.Path;

/** The folder of this installation, where the launcher stands. */
public final class Home {

    /** The system property {@code headwater.home}, or the working folder. */
    public static Path folder() {
        return Path.of(System.getProperty("headwater.home", ""))
                .toAbsolutePath()
                .normalize();
    }

    /** Everything that Headwater keeps on this machine: {@code .headwater} below {@link #folder()}. */
    public static Path data() {
        return folder().resolve(".headwater");
    }

    private Home() {}
}
