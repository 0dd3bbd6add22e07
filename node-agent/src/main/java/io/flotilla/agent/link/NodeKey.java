package io.flotilla.agent.link;

import io.flotilla.agent.ledger.DurableFile;
import io.flotilla.protocol.Bytes;
import io.flotilla.protocol.Codec;
import io.flotilla.protocol.Handshake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;

/** The node's own Ed25519 key. It is made on the node, kept in a file with mode 0600, and never leaves. */
public final class NodeKey {

    private final PrivateKey secret;
    private final Bytes publicKey;

    private NodeKey(PrivateKey secret, Bytes publicKey) {
        this.secret = secret;
        this.publicKey = publicKey;
    }

    private record Stored(Bytes secret, Bytes publicKey) {}

    /** Reads the key, or makes one where there is none. */
    public static NodeKey open(Path file) throws IOException {
        try {
            if (!Files.exists(file)) {
                KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                Stored made =
                        new Stored(Bytes.of(pair.getPrivate().getEncoded()), Handshake.rawPublicKey(pair.getPublic()));
                DurableFile.write(file, Codec.encode(made));
            }
            Stored stored = Codec.decode(Files.readString(file), Stored.class);
            PrivateKey secret = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(stored.secret().array()));
            return new NodeKey(secret, stored.publicKey());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("node key " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** The 32 raw bytes. */
    public Bytes publicKey() {
        return publicKey;
    }

    Bytes sign(byte[] statement) {
        return Handshake.sign(secret, statement);
    }
}
