package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Shim;
import java.io.IOException;

/** What somebody wants done when a container exists and its program does not run yet: to attach, so that nothing is missed. */
@FunctionalInterface
public interface StartHook {

    /** @throws IOException to give the start up; nothing is left of the container then */
    void created(Shim shim) throws IOException;
}
