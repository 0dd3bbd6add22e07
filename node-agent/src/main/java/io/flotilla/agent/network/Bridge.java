package io.flotilla.agent.network;

import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.network.Links.Address;
import io.flotilla.agent.network.Links.Link;
import io.flotilla.agent.network.Links.Route;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The node's bridge.
 *
 * @param index its link's index
 * @param mtu in bytes, the uplink's
 */
record Bridge(String name, int index, Subnet subnet, int mtu) {

    private static final int ORDINARY_MTU = 1500;

    /** Finds the bridge as an earlier agent left it, or makes what is missing. */
    static Bridge open(Links links, NetworkConfig config) throws IOException {
        int mtu = uplinkMtu(links);
        if (links.find(config.bridge()).isEmpty()) {
            links.createBridge(config.bridge(), Mac.ofBridge(config.node8()));
        }
        Link link = links.find(config.bridge())
                .orElseThrow(() -> new NetworkException("bridge " + config.bridge() + " vanished while it was made"));
        // Only an MTU that was set on the finished bridge stays when ports come and go.
        if (link.mtu() != mtu) {
            links.setMtu(link.index(), link.name(), mtu);
        }
        links.up(link.index(), link.name());
        Optional<Subnet> existing = links.addresses().stream()
                .filter(address -> address.link() == link.index())
                .map(Address::subnet)
                .findFirst();
        Subnet subnet = existing.isPresent() ? existing.get() : settle(links, link, config);
        return new Bridge(link.name(), link.index(), subnet, mtu);
    }

    /**
     * Gives the bridge an address that nobody else has a route to. Another agent may do the same at this moment, so
     * what we took is checked afterwards: of two bridges on the same subnet the younger one yields.
     */
    private static Subnet settle(Links links, Link link, NetworkConfig config) throws IOException {
        Set<Subnet> lost = new HashSet<>();
        while (true) {
            var taken = new HashSet<>(lost);
            links.routes().stream()
                    .map(Route::destination)
                    .filter(subnet -> subnet.prefix() > 0)
                    .forEach(taken::add);
            Subnet subnet = choose(config, taken);
            links.addAddress(link.index(), subnet.gateway(), subnet);
            boolean elder = links.routes().stream()
                    .anyMatch(route -> route.link() != 0
                            && route.link() < link.index()
                            && route.destination().prefix() > 0
                            && route.destination().overlaps(subnet));
            if (!elder) {
                return subnet;
            }
            links.removeAddress(link.index(), subnet.gateway(), subnet);
            lost.add(subnet);
        }
    }

    private static Subnet choose(NetworkConfig config, Set<Subnet> taken) throws NetworkException {
        if (config.subnet().isEmpty()) {
            return Subnet.choose(config.node8(), taken);
        }
        Subnet wanted = config.subnet().get();
        for (Subnet other : taken) {
            if (wanted.overlaps(other)) {
                throw new NetworkException(
                        "subnet " + wanted + " for containers overlaps the host's route to " + other);
            }
        }
        return wanted;
    }

    private static int uplinkMtu(Links links) throws KernelException {
        List<Integer> uplinks = links.routes().stream()
                .filter(route -> route.destination().prefix() == 0)
                .map(Route::link)
                .toList();
        return links.all().stream()
                .filter(link -> uplinks.contains(link.index()))
                .mapToInt(Link::mtu)
                .min()
                .orElse(ORDINARY_MTU);
    }
}
