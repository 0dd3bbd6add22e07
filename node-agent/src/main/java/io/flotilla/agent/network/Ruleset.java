package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping.Protocol;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The node's nftables table as a script for {@code nft -f -}, one transaction: it replaces the table whole, so that it
 * makes, repairs and upgrades alike. Connections survive that; they live in conntrack, not in the table.
 *
 * @param table the table's name
 * @param bridge the bridge that the containers are on
 * @param subnet the containers' addresses
 * @param unrouted interfaces that the host did not forward between before the agent turned forwarding on
 * @param localResolver a name server that the host reaches on loopback only, offered at the gateway's port 53
 * @param published what is published at this moment
 */
record Ruleset(
        String table,
        String bridge,
        Subnet subnet,
        List<String> unrouted,
        Optional<Ipv4> localResolver,
        List<Publication> published) {

    static final String MAP = "published";

    /** An element of the map: host port and IP protocol number, and the container's address and port that they lead to. */
    record Publication(int protocol, int hostPort, Ipv4 address, int containerPort) {

        static int number(Protocol protocol) {
            return switch (protocol) {
                case TCP -> 6;
                case UDP -> 17;
            };
        }

        static List<Publication> of(Attachment attachment) {
            return attachment.ports().stream()
                    .map(port -> new Publication(
                            number(port.protocol()),
                            Objects.requireNonNull(port.host(), "host port"),
                            attachment.address(),
                            port.container()))
                    .toList();
        }

        String element() {
            return "%d . %d : %s . %d".formatted(protocol, hostPort, address, containerPort);
        }
    }

    String script() {
        return SCRIPT.replace("$TABLE", table)
                .replace("$BRIDGE", bridge)
                .replace("$SUBNET", subnet.toString())
                .replace("$RESOLVER", resolverRule())
                .replace(
                        "$UNROUTED",
                        elements(unrouted.stream().map(name -> '"' + name + '"').toList()))
                .replace(
                        "$PUBLISHED",
                        elements(published.stream().map(Publication::element).toList()));
    }

    /** A script that removes the table, also when there is none. */
    static String removal(String table) {
        return "add table ip %1$s\ndelete table ip %1$s\n".formatted(table);
    }

    private String resolverRule() {
        return localResolver
                .map(address -> "iifname \"%s\" ip daddr %s meta l4proto { tcp, udp } th dport 53 dnat to %s"
                        .formatted(bridge, subnet.gateway(), address))
                .orElse("");
    }

    private static String elements(List<String> elements) {
        return elements.isEmpty() ? "" : elements.stream().collect(Collectors.joining(", ", "elements = { ", " }"));
    }

    // What masquerades, and why:
    // - from 127/8: the container could not answer, and must not take a stranger's packet for one of its own loopback;
    // - from a container to a published port: the answer has to come back through the host, not straight over the
    // bridge;
    // - to the world outside: nobody there knows a route to the subnet.
    private static final String SCRIPT = """
            add table ip $TABLE
            delete table ip $TABLE
            table ip $TABLE {
                map published {
                    type inet_proto . inet_service : ipv4_addr . inet_service
                    $PUBLISHED
                }
                set unrouted {
                    type ifname
                    $UNROUTED
                }
                chain guard {
                    type filter hook prerouting priority raw
                    iifname "$BRIDGE" ip daddr 127.0.0.0/8 drop
                    iifname "$BRIDGE" ip saddr != $SUBNET drop
                }
                chain arriving {
                    type nat hook prerouting priority dstnat
                    $RESOLVER
                    fib daddr type local dnat ip to meta l4proto . th dport map @published
                }
                chain local {
                    type nat hook output priority -100
                    fib daddr type local dnat ip to meta l4proto . th dport map @published
                }
                chain leaving {
                    type nat hook postrouting priority srcnat
                    oifname "$BRIDGE" ip saddr 127.0.0.0/8 masquerade
                    oifname "$BRIDGE" ip saddr $SUBNET ct status dnat masquerade
                    oifname != "$BRIDGE" ip saddr $SUBNET masquerade
                }
                chain forwarding {
                    type filter hook forward priority filter
                    iifname @unrouted oifname @unrouted drop
                    iifname "$BRIDGE" accept
                    oifname "$BRIDGE" ct state established,related accept
                    oifname "$BRIDGE" ct status dnat accept
                    oifname "$BRIDGE" drop
                }
            }
            """;
}
