package headwater.publish;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Hadoop keeps the client of a bucket in a JVM; the next class has the same bucket in a server of its own. */
public final class ForgottenBuckets implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        FileSystem.closeAll();
    }
}
