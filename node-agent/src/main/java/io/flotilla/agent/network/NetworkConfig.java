package io.flotilla.agent.network;

import io.flotilla.agent.AgentPaths;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the node's network is made from.
 *
 * @param node8 names the bridge and the table, and chooses the default subnet
 * @param directory where attachments are kept; its content is of one boot only
 * @param names where the containers' name files are, a directory for each
 * @param shared where the agents of this host keep what concerns all of them; exists, and is no agent's own
 * @param subnet the containers' addresses, /16 to /29; empty: derived from {@code node8} and the host's routes
 * @param resolvConf the host's resolv.conf
 * @param resolvedConf the resolvers behind systemd-resolved's own on loopback
 */
public record NetworkConfig(
        String node8,
        Path directory,
        Path names,
        Path shared,
        Optional<Subnet> subnet,
        Path resolvConf,
        Path resolvedConf) {

    private static final int WIDEST = 16;
    private static final int NARROWEST = 29;

    public NetworkConfig {
        subnet.ifPresent(given -> {
            if (given.prefix() < WIDEST || given.prefix() > NARROWEST) {
                throw new IllegalArgumentException(
                        "subnet for containers must be /" + WIDEST + " to /" + NARROWEST + ": " + given);
            }
        });
    }

    /** The usual places. */
    public static NetworkConfig of(AgentPaths paths) {
        return new NetworkConfig(
                paths.node8(),
                paths.runtime().resolve("network"),
                paths.names(),
                paths.runtimeBase(),
                Optional.empty(),
                Path.of("/etc/resolv.conf"),
                Path.of("/run/systemd/resolve/resolv.conf"));
    }

    String bridge() {
        return "fl-" + node8;
    }

    String table() {
        return "flotilla_" + node8;
    }

    /** All links of this node's containers begin with this; four hex digits of the address follow, 15 characters in all. */
    String linkPrefix() {
        return "fv" + node8 + "-";
    }
}
