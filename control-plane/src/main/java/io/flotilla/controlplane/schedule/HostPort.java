package io.flotilla.controlplane.schedule;

import io.flotilla.protocol.PortMapping;

/** A port of a node that a workload asks for by number; one container holds it at a time. */
public record HostPort(int port, PortMapping.Protocol protocol) {

    @Override
    public String toString() {
        return port + "/" + protocol.word();
    }
}
