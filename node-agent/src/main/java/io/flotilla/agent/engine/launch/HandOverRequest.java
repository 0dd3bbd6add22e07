package io.flotilla.agent.engine.launch;

import io.flotilla.agent.kernel.Fd;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a shim that hands its process over is started with. Standard streams are this JVM's own.
 *
 * @param stateDirectory an existing 0700 directory for a container's record and the socket at which it waits
 * @param plan has a {@link Step.HandOver}
 * @param entered for an exec: the pidfd of the container's first process
 * @param console where the terminal is sent, for a plan with one
 * @param kept what the program shall have as 3, 4, ...
 */
public record HandOverRequest(
        Path stateDirectory, LaunchPlan plan, Optional<Fd> entered, Optional<Fd> console, List<Fd> kept) {

    public HandOverRequest {
        kept = List.copyOf(kept);
    }
}
