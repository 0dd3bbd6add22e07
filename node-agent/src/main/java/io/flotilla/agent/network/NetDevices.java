package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.NetlinkSocket;
import java.util.List;

/** Network interfaces of the host that become a container's ({@code linux.netDevices}). */
public final class NetDevices {

    private NetDevices() {}

    /**
     * Moves an interface of this process's namespace into another one, where it comes up under its new name with the IPv4
     * addresses that it had. The kernel gives a real device back when that namespace ends.
     */
    public static void move(String name, String newName, Fd namespace) throws KernelException {
        try (Links here = new Links(NetlinkSocket.open(NetlinkSocket.ROUTE));
                Links there = new Links(NetlinkSocket.openInside(namespace, NetlinkSocket.ROUTE))) {
            int index = index(here, name);
            List<Links.Address> addresses = here.addresses().stream()
                    .filter(address -> address.link() == index)
                    .toList();
            here.move(index, name, newName, namespace);
            int arrived = index(there, newName);
            there.up(arrived, newName);
            for (Links.Address address : addresses) {
                there.addAddress(arrived, address.address(), address.subnet());
            }
        }
    }

    private static int index(Links links, String name) throws KernelException {
        return links.find(name)
                .orElseThrow(() -> new KernelException("look up network interface", name, Errno.ENODEV))
                .index();
    }
}
