package io.flotilla.controlplane.identity;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token without its secret.
 *
 * @param hint the first characters of the secret, to recognise it by
 * @param owner name of the user, null for tokens made by local root
 * @param team name of the only team it works in, null for all of its owner's
 * @param expiresAt null never
 */
public record ApiToken(
        UUID id,
        String name,
        String hint,
        @Nullable String owner,
        Scope scope,
        @Nullable String team,
        Instant createdAt,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt) {

    /** How much of what its owner may do. */
    public enum Scope {
        /** Look at things. */
        READ,
        /** Also change workloads, nodes and images. */
        WRITE,
        /** Everything, including users, teams and tokens if the owner is an administrator. */
        ADMIN;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
