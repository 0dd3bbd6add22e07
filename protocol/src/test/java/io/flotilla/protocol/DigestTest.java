package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    private static final String HEX = "0123456789abcdef".repeat(4);

    @Test
    void splitsIntoAlgorithmAndDigits() {
        Digest digest = new Digest("sha256:" + HEX);
        assertThat(digest.algorithm()).isEqualTo("sha256");
        assertThat(digest.hex()).isEqualTo(HEX);
        assertThat(digest.brief()).isEqualTo("0123456789ab");
    }

    @Test
    void hashesBytesAsSha256sumDoes() {
        assertThat(Digest.sha256("abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        .value())
                .isEqualTo("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256:", "sha256:abc", "md5:0123", "SHA256:0", "sha256:../../etc/passwd"})
    void refusesWhatIsNoDigestAndNamesTheValue(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Digest(value)).withMessageContaining(value);
    }
}
