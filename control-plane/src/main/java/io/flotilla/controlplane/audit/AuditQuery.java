package io.flotilla.controlplane.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What to look for; null matches everything.
 *
 * @param actor name of the actor
 * @param action {@code workload.scale}, or {@code workload.*} for all of a noun
 * @param target id or name of the target
 * @param result {@code accepted} or {@code refused}
 * @param from earliest time, inclusive
 * @param to latest time, exclusive
 * @param text occurs anywhere in the entry, whatever its case
 */
public record AuditQuery(
        @Nullable String actor,
        @Nullable String action,
        @Nullable String target,
        @Nullable String result,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable String text) {

    public static final AuditQuery ALL = new AuditQuery(null, null, null, null, null, null, null);
}
