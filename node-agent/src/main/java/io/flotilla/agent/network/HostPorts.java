package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.PortMapping.Protocol;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The host ports that containers publish. Each is held by a bound socket that never gets a packet, since nftables
 * redirects them all: so another program, or another agent of this machine, that wants the port is told so by the
 * kernel, and so are we. Not thread-safe.
 */
final class HostPorts implements AutoCloseable {

    private static final int FIRST_PICKED = 20_000;
    private static final int PICKED = 10_000;

    private final Map<Key, Hold> holds = new HashMap<>();

    private record Key(Protocol protocol, int port) {}

    private record Hold(String containerId, Optional<NetworkChannel> socket) {}

    /**
     * Takes all ports or none, and fills in the omitted ones. A picked port depends on the allocation, so that it is the
     * same again after a restart, if it is free.
     *
     * @throws PortTakenException if a fixed port is held by somebody else
     */
    List<PortMapping> reserve(String containerId, List<PortMapping> wanted) throws IOException {
        var result = new ArrayList<PortMapping>();
        try {
            for (PortMapping port : wanted) {
                Integer host = port.host();
                int taken = host == null ? pick(containerId, port) : fixed(containerId, host, port.protocol());
                result.add(new PortMapping(port.container(), taken, port.protocol()));
            }
        } catch (IOException e) {
            release(containerId);
            throw e;
        }
        return result;
    }

    /** Takes over what an earlier agent published; a port that a stranger got meanwhile is ours all the same. */
    void adopt(Attachment attachment) throws IOException {
        for (PortMapping port : attachment.ports()) {
            Integer host = port.host();
            if (host != null) {
                var key = new Key(port.protocol(), host);
                holds.put(key, new Hold(attachment.containerId(), bind(key)));
            }
        }
    }

    void release(String containerId) throws IOException {
        var released = holds.entrySet().stream()
                .filter(entry -> entry.getValue().containerId.equals(containerId))
                .toList();
        for (Map.Entry<Key, Hold> entry : released) {
            holds.remove(entry.getKey());
            close(entry.getValue());
        }
    }

    private int fixed(String containerId, int port, Protocol protocol) throws IOException {
        var key = new Key(protocol, port);
        var hold = holds.get(key);
        if (hold != null) {
            throw new PortTakenException(port, protocol, "container " + hold.containerId + " publishes it");
        }
        var socket = bind(key);
        if (socket.isEmpty()) {
            throw new PortTakenException(port, protocol, PortHolder.describe(protocol, port));
        }
        holds.put(key, new Hold(containerId, socket));
        return port;
    }

    private int pick(String containerId, PortMapping wanted) throws IOException {
        int dash = containerId.lastIndexOf('-');
        String allocation = dash < 0 ? containerId : containerId.substring(0, dash);
        int start = Math.floorMod(((allocation.hashCode() * 31 + wanted.container()) * 0x9E3779B1) >>> 8, PICKED);
        for (int i = 0; i < PICKED; i++) {
            var key = new Key(wanted.protocol(), FIRST_PICKED + (start + i) % PICKED);
            if (!holds.containsKey(key)) {
                var socket = bind(key);
                if (socket.isPresent()) {
                    holds.put(key, new Hold(containerId, socket));
                    return key.port;
                }
            }
        }
        throw new NetworkException("no free host port for " + wanted.protocol().word() + ": all of " + FIRST_PICKED
                + " to " + (FIRST_PICKED + PICKED - 1) + " are taken");
    }

    private static Optional<NetworkChannel> bind(Key key) throws IOException {
        return switch (key.protocol) {
            case TCP -> bindTcp(key);
            case UDP ->
                bind(
                        DatagramChannel.open(StandardProtocolFamily.INET).setOption(StandardSocketOptions.SO_RCVBUF, 1),
                        key);
        };
    }

    private static Optional<NetworkChannel> bindTcp(Key key) throws IOException {
        var alone = bind(SocketChannel.open(StandardProtocolFamily.INET), key);
        if (alone.isPresent()) {
            return alone;
        }
        // Only with SO_REUSEADDR is a port free whose last connections are in TIME_WAIT.
        var shared = bind(
                SocketChannel.open(StandardProtocolFamily.INET).setOption(StandardSocketOptions.SO_REUSEADDR, true),
                key);
        if (shared.isPresent()) {
            // From now on it is in the way of everybody else (older kernels go by what was set when it was bound).
            shared.get().setOption(StandardSocketOptions.SO_REUSEADDR, false);
        }
        return shared;
    }

    private static Optional<NetworkChannel> bind(NetworkChannel socket, Key key) throws IOException {
        try {
            return Optional.of(socket.bind(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), key.port)));
        } catch (BindException e) {
            socket.close();
            return Optional.empty();
        }
    }

    private static void close(Hold hold) throws IOException {
        if (hold.socket.isPresent()) {
            hold.socket.get().close();
        }
    }

    @Override
    public void close() throws IOException {
        for (Hold hold : holds.values()) {
            close(hold);
        }
        holds.clear();
    }
}
