package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping.Protocol;

/** A fixed host port that somebody has already; the message names the port and what holds it. */
public final class PortTakenException extends NetworkException {

    private static final long serialVersionUID = 1L;

    private final int port;

    PortTakenException(int port, Protocol protocol, String holder) {
        super("host port " + port + "/" + protocol.word() + " is taken: " + holder);
        this.port = port;
    }

    public int port() {
        return port;
    }
}
