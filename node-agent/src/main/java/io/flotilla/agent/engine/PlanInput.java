package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Step;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a plan needs beyond the spec.
 *
 * @param cgroups the group's directory on every hierarchy
 * @param stdin whether standard input stays open
 * @param filter the compiled system call filter
 */
record PlanInput(
        RootSource root, List<Path> cgroups, boolean stdin, Optional<Step.Log> log, Optional<ByteBuffer> filter) {
    PlanInput {
        cgroups = List.copyOf(cgroups);
    }
}
