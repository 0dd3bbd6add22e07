package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a plan needs beyond the spec.
 *
 * @param cgroups the group's directory on every hierarchy, for the process to join
 * @param hierarchies the same directories by hierarchy, for the container to see; the empty name is cgroup2
 * @param stdin whether standard input stays open
 * @param filter the compiled system call filter
 * @param state what hooks are told of the container; only needed when there are some
 */
record PlanInput(
        RootSource root,
        List<Path> cgroups,
        Map<String, Path> hierarchies,
        boolean stdin,
        Optional<Step.Log> log,
        Optional<ByteBuffer> filter,
        Facilities facilities,
        Optional<HookState> state) {
    PlanInput {
        cgroups = List.copyOf(cgroups);
        hierarchies = Map.copyOf(hierarchies);
    }

    /** For a spec without hooks that says itself which hierarchies it mounts, on this host. */
    PlanInput(RootSource root, List<Path> cgroups, boolean stdin, Optional<Step.Log> log, Optional<ByteBuffer> filter) {
        this(root, cgroups, Map.of(), stdin, log, filter, Facilities.present(), Optional.empty());
    }
}
