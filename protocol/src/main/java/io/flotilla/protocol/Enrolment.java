package io.flotilla.protocol;

import java.util.UUID;

/** The two bodies of {@code POST /agent/v1/enroll}, by which a host becomes a node. */
public final class Enrolment {

    private Enrolment() {}

    /**
     * What the host sends.
     *
     * @param token single use, at most an hour old
     * @param publicKey the node's own Ed25519 key, 32 bytes; the private half never leaves the host
     * @param nonce 32 random bytes
     */
    public record Request(String token, Bytes publicKey, Bytes nonce, NodeFacts facts) {}

    /**
     * What the control plane answers.
     *
     * @param name the node's name, from its host name, made unique
     * @param publicKey the control plane's identity key; its fingerprint must be the one in the join line
     * @param signature over {@link Handshake#enrolmentStatement}
     */
    public record Answer(UUID nodeId, String name, UUID controlPlaneId, Bytes publicKey, Bytes signature) {}
}
