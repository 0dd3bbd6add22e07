package io.flotilla.agent.cgroup;

/** How the host has mounted its control groups. */
public enum CgroupMode {
    /** Only cgroup2, with the controllers. */
    V2,
    /** Controllers on v1; a cgroup2 hierarchy beside them gives kill, freeze, events and pressure. */
    HYBRID,
    /** Only v1. */
    V1
}
