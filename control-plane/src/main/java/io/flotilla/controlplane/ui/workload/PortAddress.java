package io.flotilla.controlplane.ui.workload;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/** Where a browser finds the ports that a node publishes. */
final class PortAddress {

    private static final String LOOPBACK = "127.0.0.1";

    private PortAddress() {}

    /**
     * The host part of a link. On this machine it is 127.0.0.1 and never the dashboard's own host name: cookies ignore
     * ports, so a container opened there would get the dashboard's.
     *
     * @param addresses the node's own, as it reported them
     */
    static String of(List<String> addresses) {
        if (addresses.isEmpty() || addresses.stream().anyMatch(PortAddress::ofThisMachine)) {
            return LOOPBACK;
        }
        String first = addresses.stream()
                .filter(address -> !address.contains(":"))
                .findFirst()
                .orElse(addresses.getFirst());
        return first.contains(":") ? "[" + first.replaceFirst("%.*", "") + "]" : first;
    }

    private static boolean ofThisMachine(String address) {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.ofLiteral(address)) != null;
        } catch (IllegalArgumentException | SocketException e) {
            return false;
        }
    }
}
