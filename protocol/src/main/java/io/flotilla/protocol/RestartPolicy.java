package io.flotilla.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When the agent starts a container again after its process ended. */
public enum RestartPolicy {
    @JsonProperty("always")
    ALWAYS,
    /** Only after a non-zero, unknown or signalled end. */
    @JsonProperty("on-failure")
    ON_FAILURE,
    @JsonProperty("never")
    NEVER;

    /** The word used in JSON and the database: {@code always}, {@code on-failure}, {@code never}. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
