package io.flotilla.controlplane.workload;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a workload does with its replicas. */
public enum Kind {
    /** Keeps them running. */
    @JsonProperty("service")
    SERVICE,
    /** Runs each to completion. */
    @JsonProperty("job")
    JOB;

    /** The word used in JSON and the database. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    public static Kind of(String word) {
        return valueOf(word.toUpperCase(java.util.Locale.ROOT));
    }
}
