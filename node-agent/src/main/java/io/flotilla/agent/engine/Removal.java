package io.flotilla.agent.engine;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.engine.launch.Shim;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Takes a container away, whatever its state; every part of it may be gone already. */
record Removal(EngineParts parts) {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** The runtime directory goes last, so that whatever is cut short here is found again. */
    void run(Container container) throws IOException {
        String name = container.id.toString();
        Optional<Cgroup> group = parts.cgroups().find(name);
        if (!container.ended()) {
            group.ifPresent(Cgroup::killAll); // of an ended one, the group's removal kills what is left, if anything is
        }
        Shim shim = container.shim();
        if (shim != null) {
            Orphans.dismiss(shim);
            container.shim(null, null);
        }
        parts.network().detach(name);
        if (group.isPresent()) {
            group.get().remove(DEADLINE);
        }
        new Names(parts).remove(container.id);
        PrivateFiles.remove(container.directory);
    }
}
