package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where one allocation stands. A restart keeps the allocation and passes through {@link #BACKOFF}; the last four are
 * final and never left.
 */
public enum AllocStatus {
    /** Wanted, but no node has been chosen. */
    @JsonProperty("pending")
    PENDING,
    /** A node has been chosen and its NodeSpec names the allocation. */
    @JsonProperty("placed")
    PLACED,
    /** The node fetches the image. */
    @JsonProperty("pulling")
    PULLING,
    /** The container is being created. */
    @JsonProperty("starting")
    STARTING,
    /** The container's process runs. */
    @JsonProperty("running")
    RUNNING,
    /** The process ended and will be started again after a pause. */
    @JsonProperty("backoff")
    BACKOFF,
    /** The stop signal has been sent. */
    @JsonProperty("stopping")
    STOPPING,
    /** Final: ended by itself with exit code 0 and is not to be restarted. */
    @JsonProperty("completed")
    COMPLETED,
    /** Final: ended because it was asked to. */
    @JsonProperty("stopped")
    STOPPED,
    /** Final: ended badly, or could not be started, and is not to be restarted. */
    @JsonProperty("failed")
    FAILED,
    /** Final: its node was given up; its end is unknown. */
    @JsonProperty("lost")
    LOST;

    private static final Set<AllocStatus> FINAL = EnumSet.of(COMPLETED, STOPPED, FAILED, LOST);

    /** The word used in JSON, the database and the dashboard. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The status that {@link #word()} names. */
    public static AllocStatus of(String word) {
        return valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }

    public boolean isFinal() {
        return FINAL.contains(this);
    }

    /**
     * Whether an allocation may go from this status to the next. Reports from a node may skip steps (they are coalesced
     * while the two cannot talk), but never return to one before placement and never leave a final status.
     */
    public boolean mayBecome(AllocStatus next) {
        return switch (this) {
            case PENDING -> next == PENDING || next == PLACED || next == STOPPED || next == FAILED;
            case PLACED, PULLING, STARTING, RUNNING, BACKOFF, STOPPING -> next != PENDING && next != PLACED;
            case COMPLETED, STOPPED, FAILED, LOST -> next == this;
        };
    }
}
