package io.flotilla.agent.engine;

import io.flotilla.agent.plan.ContainerId;
import java.io.IOException;

/** The container is not on this node, or does not run. */
public final class NoSuchContainerException extends IOException {

    private static final long serialVersionUID = 1;

    NoSuchContainerException(ContainerId id, String problem) {
        super("container " + id + " " + problem);
    }
}
