package io.flotilla.controlplane.identity;

import io.flotilla.controlplane.actor.Role;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A person who signs in, without their password.
 *
 * @param teams names of the teams they belong to, sorted
 */
public record User(
        UUID id,
        String name,
        String displayName,
        Role role,
        List<String> teams,
        boolean disabled,
        Instant createdAt,
        @Nullable Instant lastLoginAt) {}
