package io.flotilla.controlplane.recording;

import io.flotilla.controlplane.actor.Actor;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A terminal that was or is recorded.
 *
 * @param command empty for a shell that was found, null for the container's own process
 * @param runAs the user in the container that was asked for, null for the image's
 * @param keeper the data directory that has the file
 * @param exitCode null if there was none or it is unknown
 * @param bytes length of the file at the end
 * @param sha256 of the whole file at the end, null while it lives or if there is no file
 * @param flaw why it lacks something, null if it is complete
 * @param removedAt when retention removed the file
 */
public record Recording(
        UUID id,
        UUID allocationId,
        String allocation,
        UUID teamId,
        @Nullable UUID actorId,
        String actorKind,
        String actor,
        String source,
        @Nullable List<String> command,
        @Nullable String runAs,
        UUID keeper,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable Ending ending,
        @Nullable Integer exitCode,
        long bytes,
        @Nullable String sha256,
        @Nullable String flaw,
        @Nullable Instant removedAt) {

    /** One that begins. */
    static Recording begun(UUID id, Actor actor, Subject subject, UUID keeper, Instant now) {
        return new Recording(
                id,
                subject.allocationId(),
                subject.allocation(),
                subject.teamId(),
                actor.id(),
                actor.kind().word(),
                actor.name(),
                actor.source(),
                subject.command(),
                subject.runAs(),
                keeper,
                now,
                null,
                null,
                null,
                0,
                null,
                null,
                null);
    }

    /** The same, ended. */
    Recording ended(Instant now, Ending cause, @Nullable Integer code, CastFile.Kept kept) {
        return new Recording(
                id,
                allocationId,
                allocation,
                teamId,
                actorId,
                actorKind,
                actor,
                source,
                command,
                runAs,
                keeper,
                startedAt,
                now,
                cause,
                code,
                kept.bytes(),
                kept.sha256(),
                kept.flaw(),
                null);
    }

    /** What a terminal is opened in, and for what. */
    public record Subject(
            UUID allocationId,
            String allocation,
            UUID teamId,
            @Nullable List<String> command,
            @Nullable String runAs,
            int columns,
            int rows) {}
}
