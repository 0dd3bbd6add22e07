package io.flotilla.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HandshakeTest {

    private static final UUID NODE = UUID.fromString("0198c0de-0000-7000-8000-000000000001");
    private static final UUID CONTROL = UUID.fromString("0198c0de-0000-7000-8000-000000000002");
    private final Bytes first = Bytes.of(new byte[] {1, 2, 3});
    private final Bytes second = Bytes.of(new byte[] {4, 5});

    @Test
    void acceptsTheKeysOwnSignatureOnly() throws Exception {
        KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] statement = Handshake.nodeStatement(first, second, NODE, CONTROL, 1);
        Bytes signature = Handshake.sign(key.getPrivate(), statement);
        assertThat(Handshake.verify(Handshake.rawPublicKey(key.getPublic()), statement, signature))
                .isTrue();
        assertThat(Handshake.verify(Handshake.rawPublicKey(other.getPublic()), statement, signature))
                .isFalse();
        assertThat(Handshake.verify(Bytes.of(new byte[3]), statement, signature))
                .isFalse();
    }

    @Test
    void noStatementCanBeReadAsAnother() {
        byte[] node = Handshake.nodeStatement(first, second, NODE, CONTROL, 1);
        assertThat(node)
                .isNotEqualTo(Handshake.controlPlaneStatement(first, second, NODE, CONTROL, 1))
                .isNotEqualTo(Handshake.nodeStatement(second, first, NODE, CONTROL, 1))
                .isNotEqualTo(Handshake.nodeStatement(first, second, CONTROL, NODE, 1))
                .isNotEqualTo(Handshake.nodeStatement(first, second, NODE, CONTROL, 2))
                .isNotEqualTo(Handshake.nodeStatement(
                        Bytes.of(new byte[] {1, 2}), Bytes.of(new byte[] {3, 4, 5}), NODE, CONTROL, 1));
    }

    @Test
    void anAnnouncementNamesItsKeysAndAnswersItsNonceOnly() {
        assertThat(Handshake.announcementStatement(first, List.of(second)))
                .isNotEqualTo(Handshake.announcementStatement(second, List.of(first)))
                .isNotEqualTo(Handshake.announcementStatement(first, List.of()))
                .isNotEqualTo(Handshake.announcementStatement(
                        first, List.of(Bytes.of(new byte[] {4}), Bytes.of(new byte[] {5}))));
    }
}
