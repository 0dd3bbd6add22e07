package io.flotilla.controlplane.identity;

import org.jspecify.annotations.Nullable;

/**
 * What to set on a user; null leaves a value as it is.
 *
 * @param name only when the user is made
 * @param role {@code admin}, {@code operator}, {@code member} or {@code auditor}
 */
public record UserChange(
        @Nullable String name,
        @Nullable String displayName,
        @Nullable String role,
        @Nullable String password,
        @Nullable Boolean disabled) {}
