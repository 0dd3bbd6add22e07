package io.flotilla.agent.cgroup;

import java.util.List;

/** SIGKILL by pid, for kernels and hierarchies without cgroup.kill; the caller has frozen the group, so no pid is reused. */
final class Kill {

    private Kill() {}

    static void all(List<Long> pids) {
        for (long pid : pids) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
