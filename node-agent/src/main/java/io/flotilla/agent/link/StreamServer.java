package io.flotilla.agent.link;

import io.flotilla.protocol.ControlMessage.Target;

/** Serves the streams that the control plane opens. */
public interface StreamServer {

    /**
     * Gets ready to serve. Called on a thread of its own, which may block.
     *
     * @throws RefusedException when the target cannot be served
     */
    Serving open(Target target) throws RefusedException, InterruptedException;

    /** A target that is ready. */
    interface Serving {

        /** Serves until the stream is closed or there is nothing more to say. The stream is closed afterwards. */
        void serve(Stream stream) throws InterruptedException;
    }
}
