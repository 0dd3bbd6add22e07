package io.flotilla.agent.applied;

import io.flotilla.agent.cgroup.Cgroup;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.oci.RuntimeSpec;
import io.flotilla.protocol.AppliedState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what is in force for a container. */
public final class Applied {

    private Applied() {}

    /**
     * @param filter digest of the asked filter's profile, null for none
     * @param pid the container's first process; as the caller holds it, it is that process or none
     * @throws IOException also if the process ends meanwhile
     */
    public static AppliedState read(
            RuntimeSpec spec, @Nullable String filter, int pid, Cgroup group, CgroupLayout layout, Instant now)
            throws IOException {
        Set<String> hierarchies = new HashSet<>(layout.v1().keySet());
        if (layout.unified() != null) {
            hierarchies.add("");
        }
        ProcessReading reading = ProcessReading.of(pid);
        String root = "/proc/" + pid + "/root";
        return new AppliedState(
                now,
                pid,
                Comparison.of(
                        spec,
                        filter,
                        reading,
                        group.name(),
                        hierarchies,
                        group.readBack(spec.requireLinux().limits()),
                        path -> Files.exists(Path.of(root + path), LinkOption.NOFOLLOW_LINKS)));
    }
}
