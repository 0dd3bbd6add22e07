package io.flotilla.controlplane.node;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A single-use permission to become a node.
 *
 * @param usedAt null while it is unused
 * @param nodeId the node that it made; null before
 */
public record JoinToken(
        UUID id,
        Instant createdAt,
        String createdBy,
        Instant expiresAt,
        @Nullable Instant usedAt,
        @Nullable UUID nodeId) {

    /**
     * A new one, with what is shown only once.
     *
     * @param token the secret itself
     * @param fingerprint of the control plane's key, which the host checks
     */
    public record Issued(JoinToken details, String token, String fingerprint) {}
}
