package io.flotilla.agent.network;

import java.util.BitSet;
import java.util.Collection;

/**
 * The addresses of a subnet that are given out. The next one follows the one given last, so that an address rests as
 * long as possible before its next owner could meet packets meant for the one before. Not thread-safe.
 */
final class AddressPool {

    private static final int FIRST = 2;

    private final Subnet subnet;
    private final BitSet taken = new BitSet();
    private int next = FIRST;

    AddressPool(Subnet subnet, Collection<Ipv4> inUse) {
        this.subnet = subnet;
        for (Ipv4 address : inUse) {
            int index = subnet.indexOf(address);
            taken.set(index);
            next = Math.max(next, index + 1);
        }
    }

    /** @throws NetworkException if every address is in use */
    Ipv4 allocate() throws NetworkException {
        int end = FIRST + subnet.capacity();
        int index = taken.nextClearBit(Math.min(next, end));
        if (index >= end) {
            index = taken.nextClearBit(FIRST);
        }
        if (index >= end) {
            throw new NetworkException("no free address: all " + subnet.capacity() + " of " + subnet + " are in use");
        }
        taken.set(index);
        next = index + 1;
        return subnet.address(index);
    }

    void free(Ipv4 address) {
        taken.clear(subnet.indexOf(address));
    }
}
