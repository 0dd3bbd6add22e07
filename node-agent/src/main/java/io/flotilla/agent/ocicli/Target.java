package io.flotilla.agent.ocicli;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.ProcessStat;
import io.flotilla.agent.kernel.Processes;
import java.io.IOException;

/** A container that a command does something to. */
record Target(States states, ContainerState state, Status status) {

    static Target of(Context context, String id) throws IOException {
        ContainerState state = context.states().load(id);
        return new Target(context.states(), state, context.states().status(state));
    }

    Cgroup group() {
        return Cgroups.at(CgroupLayout.detect(), state.cgroup());
    }

    /** The first process, opened before its start time is compared: its number cannot be another's in between. */
    Fd process() throws IOException {
        try {
            Fd pidfd = Processes.pidfd(state.pid());
            if (ProcessStat.read(state.pid())
                    .filter(s -> s.startTime() == state.startTime())
                    .isPresent()) {
                return pidfd;
            }
            pidfd.close();
        } catch (KernelException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
        }
        throw new Refused("container not running");
    }
}
