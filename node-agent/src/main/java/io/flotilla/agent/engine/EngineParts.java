package io.flotilla.agent.engine;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.cgroup.CgroupLayout;
import io.flotilla.agent.cgroup.Cgroups;
import io.flotilla.agent.engine.launch.Shims;
import io.flotilla.agent.network.NodeNetwork;
import io.flotilla.agent.seccomp.Filters;
import io.flotilla.agent.seccomp.Profile;
import io.flotilla.agent.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the engine works with; all of it is shared with the rest of the agent and outlives the engine.
 *
 * @param openFilesLimit this process's hard limit of open files, which no container can exceed
 */
public record EngineParts(
        AgentPaths paths,
        CgroupLayout layout,
        Cgroups cgroups,
        Shims shims,
        Snapshots snapshots,
        NodeNetwork network,
        IdRanges idRanges,
        Filters filters,
        Profile profile,
        long openFilesLimit,
        InstantSource clock) {

    /** The parts for this host, with the control groups' slice opened and the id ranges found. */
    public static EngineParts of(
            AgentPaths paths, Shims shims, Snapshots snapshots, NodeNetwork network, InstantSource clock)
            throws IOException {
        CgroupLayout layout = CgroupLayout.detect();
        return new EngineParts(
                paths,
                layout,
                Cgroups.open(layout, paths.slice()),
                shims,
                snapshots,
                network,
                new IdRanges(snapshots.owners(), paths.node8()),
                new Filters(io.flotilla.agent.seccomp.Host.present()),
                Profile.ordinary(),
                hardLimitOfOpenFiles(),
                clock);
    }

    private static long hardLimitOfOpenFiles() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                String hard = line.substring("Max open files".length()).strip().split("\\s+", -1)[1];
                return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
            }
        }
        return Long.MAX_VALUE;
    }

    static <T> T required(@Nullable T value) {
        return Objects.requireNonNull(value);
    }
}
