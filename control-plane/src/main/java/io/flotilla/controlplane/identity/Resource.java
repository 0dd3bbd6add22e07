package io.flotilla.controlplane.identity;

/** What belongs to a team and can stand in a path. */
public enum Resource {
    TEAM,
    WORKLOAD,
    ALLOCATION
}
