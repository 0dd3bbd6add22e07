package io.flotilla.controlplane.identity;

import org.jspecify.annotations.Nullable;

/** Upper bounds of a team's {@link Usage}; null is without bound. */
public record Quota(
        @Nullable Long cpuMillis,
        @Nullable Long memoryBytes,
        @Nullable Long replicas,
        @Nullable Long ports) {

    public static final Quota UNLIMITED = new Quota(null, null, null, null);
}
