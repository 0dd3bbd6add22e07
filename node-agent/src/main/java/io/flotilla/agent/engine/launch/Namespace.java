package io.flotilla.agent.engine.launch;

/** The kinds of namespaces(7). */
public enum Namespace {
    USER(0x10000000, "user"),
    NETWORK(0x40000000, "net"),
    PID(0x20000000, "pid"),
    MOUNT(0x00020000, "mnt"),
    UTS(0x04000000, "uts"),
    IPC(0x08000000, "ipc"),
    CGROUP(0x02000000, "cgroup"),
    TIME(0x00000080, "time");

    private final int cloneFlag;
    private final String procName;

    Namespace(int cloneFlag, String procName) {
        this.cloneFlag = cloneFlag;
        this.procName = procName;
    }

    int cloneFlag() {
        return cloneFlag;
    }

    /** Its name below {@code /proc/<pid>/ns}. */
    public String procName() {
        return procName;
    }
}
