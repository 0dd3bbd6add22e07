package io.flotilla.controlplane.identity;

import org.jspecify.annotations.Nullable;

/**
 * What to set on a team.
 *
 * @param name only when the team is made
 * @param quota null leaves it as it is (or without bounds for a new team)
 */
public record TeamChange(@Nullable String name, @Nullable Quota quota) {}
