package io.flotilla.controlplane.node;

/** Whether a node is heard. Cordoned and draining are apart from this. */
public enum NodeStatus {
    /** Enrolled, never heard yet. */
    JOINING,
    /** Heard within six seconds. */
    ONLINE,
    /** Silent for six seconds or more; what it runs is left alone. */
    STALE,
    /** Given up; its services are placed elsewhere. */
    LOST,
    /** Its key is refused for ever. */
    REVOKED;

    /** The word used in JSON. */
    public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
