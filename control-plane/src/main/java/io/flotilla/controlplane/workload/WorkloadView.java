package io.flotilla.controlplane.workload;

import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A workload as it is shown, with its current revision.
 *
 * @param replicas desired
 * @param running replicas that run now, of whichever revision
 * @param reason why it is not as it should be, in one sentence; null when it is
 * @param spec of the current revision; environment values are masked for callers who may not change the team
 */
public record WorkloadView(
        UUID id,
        String name,
        UUID teamId,
        String team,
        Kind kind,
        Wanted wanted,
        Status status,
        int replicas,
        int running,
        @Nullable String reason,
        int revision,
        RevisionSpec spec,
        Instant createdAt,
        String createdBy,
        Instant changedAt) {

    /** How desired and observed compare. */
    public enum Status {
        /** Every replica runs. */
        RUNNING,
        /** Some run. */
        DEGRADED,
        /** None runs yet, but some are on their way. */
        STARTING,
        /** None runs: a container has ended several times in a row, and waits for its next attempt. */
        FAILING,
        /** None runs and no node fits. */
        PENDING,
        /** Every replica of the job ended with exit code 0. */
        COMPLETED,
        /** A replica ended badly and is not to be restarted. */
        FAILED,
        /** Stopped by a person, and nothing runs any more. */
        STOPPED,
        /** Stopped by a person; some still run. */
        STOPPING,
        /** Deleted; its nodes have not reported all of it removed. */
        DELETING;

        /** The word used in JSON. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
