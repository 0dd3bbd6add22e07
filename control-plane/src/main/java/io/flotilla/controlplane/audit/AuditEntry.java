package io.flotilla.controlplane.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One row of the audit log, with the names that the REST API and the export use.
 *
 * @param seq counts from 1 without gaps
 * @param time to the millisecond
 * @param result {@code accepted} or {@code refused}
 * @param reason why it was refused, null if it was accepted
 * @param before JSON text of the state before with secrets masked, null if there was none
 * @param after likewise for the state after
 * @param hash lower-case hex of the row's hash, which covers the hash of the row before
 */
public record AuditEntry(
        long seq,
        Instant time,
        String actorKind,
        @Nullable String actorId,
        String actor,
        String source,
        String action,
        String targetKind,
        @Nullable String targetId,
        String target,
        @Nullable String team,
        String result,
        @Nullable String reason,
        @Nullable String before,
        @Nullable String after,
        String hash) {

    public static final String ACCEPTED = "accepted";
    public static final String REFUSED = "refused";

    /** The same content in another place of the chain. */
    AuditEntry at(long place) {
        return new AuditEntry(
                place,
                time,
                actorKind,
                actorId,
                actor,
                source,
                action,
                targetKind,
                targetId,
                target,
                team,
                result,
                reason,
                before,
                after,
                hash);
    }

    /** An entry that has no place in the chain yet. */
    record Draft(
            Instant time,
            String actorKind,
            @Nullable String actorId,
            String actor,
            String source,
            String action,
            String targetKind,
            @Nullable String targetId,
            String target,
            @Nullable String team,
            String result,
            @Nullable String reason,
            @Nullable String before,
            @Nullable String after) {}
}
