package io.flotilla.agent.engine;

/** The states of the OCI runtime specification ("State"), and the ways between them. */
public enum ContainerStatus {
    CREATING,
    CREATED,
    RUNNING,
    PAUSED,
    STOPPED;

    /** Whether this state may be followed by that one. */
    public boolean permits(ContainerStatus next) {
        return switch (this) {
            case CREATING -> next == CREATED;
            case CREATED -> next == RUNNING || next == STOPPED;
            case RUNNING -> next == PAUSED || next == STOPPED;
            case PAUSED -> next == RUNNING || next == STOPPED;
            case STOPPED -> false;
        };
    }
}
