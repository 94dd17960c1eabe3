package headwater.publish.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NetworkTrustTest {

    @Test
    void noWordAboutTheWayToThisMachine() {
        NetworkTrust here = new NetworkTrust("127.0.0.1", "target.tls DISABLED", "VERIFY_IDENTITY");

        assertThat(here.unencrypted()).isEmpty();
        assertThat(here.unverified()).isEmpty();
    }

    @Test
    void anotherMachineIsReachedEncryptedAndVerified() {
        NetworkTrust away = new NetworkTrust("192.0.2.7", "target.tls DISABLED", "VERIFY_IDENTITY");

        assertThat(away.unencrypted().orElseThrow())
                .contains("target.tls DISABLED leaves the connection to 192.0.2.7, another machine, unencrypted")
                .endsWith("Set it to VERIFY_IDENTITY.");
        assertThat(away.unverified().orElseThrow()).contains("does not verify who answers there");
    }
}
