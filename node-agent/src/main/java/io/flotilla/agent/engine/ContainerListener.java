package io.flotilla.agent.engine;

import io.flotilla.agent.plan.ContainerId;

/** Hears of ends as they happen. Calls come from the engine's threads and may block; each end is told once per agent. */
@FunctionalInterface
public interface ContainerListener {

    void exited(ContainerId container, ContainerExit exit);
}
