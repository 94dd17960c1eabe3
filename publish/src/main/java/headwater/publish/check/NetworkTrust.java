package headwater.publish.check;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * What TLS as configured leaves open on the way to another machine; on the way to this one, nothing.
 *
 * @param setting the pipeline file's setting
 * @param best its value that both encrypts and verifies
 */
record NetworkTrust(String host, String setting, String best) {

    Optional<String> unencrypted() {
        return warning(setting + " leaves the connection to " + host
                + ", another machine, unencrypted: rows can be read on the way.");
    }

    Optional<String> unverified() {
        return warning(setting + " encrypts the connection to " + host
                + " and does not verify who answers there: another server could take its place.");
    }

    private Optional<String> warning(String what) {
        return isThisMachine() ? Optional.empty() : Optional.of(what + " Set it to " + best + ".");
    }

    private boolean isThisMachine() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // reached through a name that only the driver resolves
            return false;
        }
    }
}
