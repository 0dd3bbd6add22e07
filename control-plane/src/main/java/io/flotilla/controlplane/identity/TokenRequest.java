package io.flotilla.controlplane.identity;

import org.jspecify.annotations.Nullable;

/**
 * A wish for a token.
 *
 * @param scope {@code read}, {@code write} (if null) or {@code admin}
 * @param team name or id of the only team it shall work in
 * @param expiresInDays 1 to 366, 90 if null; 0 means never and is for administrators
 */
public record TokenRequest(
        @Nullable String name,
        @Nullable String scope,
        @Nullable String team,
        @Nullable Integer expiresInDays) {}
