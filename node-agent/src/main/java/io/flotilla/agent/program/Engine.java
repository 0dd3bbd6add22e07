package io.flotilla.agent.program;

import io.flotilla.agent.link.StreamServer;
import io.flotilla.agent.reconcile.Host;
import io.flotilla.protocol.NodeSample;
import java.util.List;

/** What the agent needs of the container engine, in one piece. */
interface Engine extends Host, StreamServer {

    /** A reading of every running container. */
    List<NodeSample.Container> sample();
}
