package io.flotilla.agent.engine;

import io.flotilla.agent.image.LocalImage;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;

/** One attempt of an allocation, to be started from an image that is here. */
public record ContainerRequest(ContainerId id, AllocationSpec spec, LocalImage image) {}
