package io.flotilla.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * How the two sides of a session prove who they are: Ed25519 (RFC 8032) over a context string, both nonces, both ids and
 * the protocol version, each part with its length before it, so that no statement can be read as another.
 */
public final class Handshake {

    /** The protocol's version; a peer may be one older. */
    public static final int VERSION = 1;

    public static final String SUBPROTOCOL = "flotilla.agent.v1";
    public static final String SESSION_PATH = "/agent/v1/session";
    public static final String ENROLL_PATH = "/agent/v1/enroll";
    public static final String ANNOUNCEMENT_PATH = "/agent/v1/announcement";

    /** The fixed start of an Ed25519 key in X.509 form (RFC 8410); the 32 raw bytes follow. */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private Handshake() {}

    /** What the control plane signs in Challenge. */
    public static byte[] controlPlaneStatement(
            Bytes agentNonce, Bytes controlNonce, UUID nodeId, UUID controlPlaneId, int version) {
        return statement("flotilla session control-plane", agentNonce, controlNonce, nodeId, controlPlaneId, version);
    }

    /** What the node signs in Proof. */
    public static byte[] nodeStatement(
            Bytes agentNonce, Bytes controlNonce, UUID nodeId, UUID controlPlaneId, int version) {
        return statement("flotilla session node", agentNonce, controlNonce, nodeId, controlPlaneId, version);
    }

    /** What the control plane signs in the answer to an enrolment. */
    public static byte[] enrolmentStatement(Bytes agentNonce, Bytes nodeKey, UUID nodeId, UUID controlPlaneId) {
        return statement("flotilla enrolment", agentNonce, nodeKey, nodeId, controlPlaneId, VERSION);
    }

    /** What the control plane signs in an {@link Announcement}. */
    public static byte[] announcementStatement(Bytes agentNonce, List<Bytes> tlsKeys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        part(out, "flotilla announcement".getBytes(StandardCharsets.UTF_8));
        part(out, agentNonce.array());
        tlsKeys.forEach(key -> part(out, key.array()));
        return out.toByteArray();
    }

    private static byte[] statement(
            String context, Bytes first, Bytes second, UUID nodeId, UUID controlPlaneId, int version) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        part(out, context.getBytes(StandardCharsets.UTF_8));
        part(out, first.array());
        part(out, second.array());
        part(out, bytes(nodeId));
        part(out, bytes(controlPlaneId));
        part(out, ByteBuffer.allocate(4).putInt(version).array());
        return out.toByteArray();
    }

    private static void part(ByteArrayOutputStream out, byte[] bytes) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }

    public static Bytes sign(PrivateKey key, byte[] statement) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(statement);
            return Bytes.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519 signing failed", e);
        }
    }

    /** Whether the signature is the key's over the statement; false for malformed keys and signatures too. */
    public static boolean verify(Bytes rawPublicKey, byte[] statement, Bytes signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey(rawPublicKey.array()));
            verifier.update(statement);
            return verifier.verify(signature.array());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The 32 raw bytes of an Ed25519 public key. */
    public static Bytes rawPublicKey(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded.length != ED25519_PREFIX.length + 32) {
            throw new IllegalArgumentException("a key of algorithm " + key.getAlgorithm() + " is not an Ed25519 key");
        }
        return Bytes.of(Arrays.copyOfRange(encoded, ED25519_PREFIX.length, encoded.length));
    }

    private static PublicKey publicKey(byte[] raw) throws GeneralSecurityException {
        byte[] encoded = ByteBuffer.allocate(ED25519_PREFIX.length + raw.length)
                .put(ED25519_PREFIX)
                .put(raw)
                .array();
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    /** The fingerprint that stands in a join line: SHA-256 of the raw key, 64 lower-case hex digits. */
    public static String fingerprint(Bytes rawPublicKey) {
        return HexFormat.of().formatHex(sha256(rawPublicKey.array()));
    }

    /** How an {@link Announcement} names a key of TLS. */
    public static Bytes tlsKey(PublicKey key) {
        return Bytes.of(sha256(key.getEncoded()));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 is missing from this JDK", e);
        }
    }
}
