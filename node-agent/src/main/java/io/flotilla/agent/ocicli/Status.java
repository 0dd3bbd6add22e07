package io.flotilla.agent.ocicli;

import io.flotilla.agent.cgroup.CgroupException;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import io.flotilla.agent.engine.launch.HandedOver;
import io.flotilla.agent.kernel.ProcessStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A container's status of the runtime specification, and paused. It is asked of the kernel each time. */
enum Status {
    CREATED,
    RUNNING,
    PAUSED,
    STOPPED;

    static Status of(ContainerState state, Path directory) throws IOException {
        if (!alive(state)) {
            return STOPPED;
        }
        if (frozen(state)) {
            return PAUSED;
        }
        return Files.exists(directory.resolve(HandedOver.SOCKET)) ? CREATED : RUNNING;
    }

    private static boolean alive(ContainerState state) throws IOException {
        if (state.pid() == 0 || !state.bootId().equals(ProcessStat.bootId())) {
            return false;
        }
        Optional<ProcessStat> stat = ProcessStat.read(state.pid());
        return stat.isPresent() && !stat.get().ended() && stat.get().startTime() == state.startTime();
    }

    private static boolean frozen(ContainerState state) {
        try {
            return Cgroups.at(CgroupLayout.detect(), state.cgroup()).frozen();
        } catch (CgroupException e) {
            return false; // somebody has removed the group, which only an empty one permits
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
