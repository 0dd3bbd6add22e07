package io.flotilla.protocol;

import java.util.List;

/**
 * The answer to {@code GET /agent/v1/announcement?nonce=HEX}, which an agent asks for before it sends or believes anything
 * over TLS: whoever passes it on unaltered still cannot answer under one of its keys.
 *
 * @param publicKey the control plane's identity key; its fingerprint must be the one that the node joined by
 * @param tlsKeys SHA-256 of the public keys (X.509 SubjectPublicKeyInfo, DER) that TLS may end with, the control plane's
 *     or its proxy's; empty: any certificate that is good for the host's name to those whom the machine trusts
 * @param signature over {@link Handshake#announcementStatement}
 */
public record Announcement(Bytes publicKey, List<Bytes> tlsKeys, Bytes signature) {

    public Announcement {
        tlsKeys = List.copyOf(tlsKeys);
    }
}
