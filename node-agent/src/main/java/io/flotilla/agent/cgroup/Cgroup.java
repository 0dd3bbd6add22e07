package io.flotilla.agent.cgroup;

import io.flotilla.agent.oci.Resources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * One container's control group, on every hierarchy that the host has. It is made by {@link Cgroups#create}, entered by
 * {@link #add}, and ends with {@link #remove}; it outlives its processes, so that an OOM kill can be seen after the
 * exit, also by an agent that was away.
 */
public sealed interface Cgroup permits V1Cgroup, V2Cgroup {

    String name();

    /** The group's directory on every hierarchy, which a process has to enter to be inside. */
    List<Path> directories();

    /** The same by hierarchy: {@code cpu,cpuacct} or {@code name=systemd} of v1, the empty name for cgroup2. */
    Map<String, Path> hierarchies();

    /** Moves the process in; false if it has ended. Its later children are born inside. */
    boolean add(long pid);

    /** Sets what {@code resources} names and leaves the rest as it is. */
    void apply(Resources resources);

    /** What the kernel holds of the limits of processor, memory, processes and (v1) devices that {@code asked} names. */
    List<LimitReading> readBack(Resources asked);

    CgroupStats stats();

    /** Processes killed by the kernel because this group reached its memory limit. */
    long oomKills();

    /** Pids in the agent's namespace, of nested groups too. */
    List<Long> processes();

    default boolean populated() {
        return !processes().isEmpty();
    }

    /** Returns when every process has stopped running; the deadline guards against one stuck in the kernel. */
    void freeze(Duration deadline);

    void thaw();

    boolean frozen();

    /** Sends SIGKILL to every process, frozen ones and those forked meanwhile included. Does not wait. */
    void killAll();

    /**
     * Kills what still runs, waits for it to end and removes the group and any that was nested into it, everywhere.
     * Idempotent.
     *
     * @throws CgroupException if processes are still there at the deadline; a later call goes on from there
     */
    void remove(Duration deadline);
}
