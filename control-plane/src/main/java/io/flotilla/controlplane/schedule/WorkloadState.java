package io.flotilla.controlplane.schedule;

import io.flotilla.protocol.RestartPolicy;
import java.util.UUID;

/**
 * What one workload shall be.
 *
 * @param replicas how many shall run while {@code wanted} is {@code RUNNING}
 * @param revision the current revision's number
 * @param run grows when a person starts or restarts the workload: what ended in an earlier run may run again
 * @param singleton never two at once, not even on a node that is silent
 * @param needs the current revision's
 */
public record WorkloadState(
        UUID id,
        String name,
        Wanted wanted,
        int replicas,
        int revision,
        int run,
        boolean singleton,
        RestartPolicy restart,
        Needs needs) {

    /** What is wanted of the workload as a whole. */
    public enum Wanted {
        RUNNING,
        STOPPED,
        DELETED;

        /** The word used in JSON and the database. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        public static Wanted of(String word) {
            return valueOf(word.toUpperCase(java.util.Locale.ROOT));
        }
    }
}
