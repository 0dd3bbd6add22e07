package io.flotilla.agent.engine.launch;

/** How mount events travel between a mount and its peers, mount_namespaces(7); the R forms cover the whole tree below. */
public enum Propagation {
    PRIVATE(0x40000, false),
    SLAVE(0x80000, false),
    SHARED(0x100000, false),
    UNBINDABLE(0x20000, false),
    RPRIVATE(0x40000, true),
    RSLAVE(0x80000, true),
    RSHARED(0x100000, true),
    RUNBINDABLE(0x20000, true);

    private static final int MS_REC = 0x4000;

    private final int flag;
    private final boolean recursive;

    Propagation(int flag, boolean recursive) {
        this.flag = flag;
        this.recursive = recursive;
    }

    int encoded() {
        return recursive ? flag | MS_REC : flag;
    }
}
