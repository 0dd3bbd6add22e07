package io.flotilla.agent.network;

import java.util.Collection;

/** An IPv4 network: its first address and the length of its prefix in bits, 0 to 32. */
public record Subnet(Ipv4 network, int prefix) {

    /** Defaults come from here: 8192 networks of 1022 hosts, away from the ranges that Docker and libvirt take. */
    private static final Subnet POOL = new Subnet(new Ipv4(10 << 24 | 128 << 16), 9);

    private static final int DEFAULT_PREFIX = 22;

    public Subnet {
        if (prefix < 0 || prefix > 32) {
            throw new IllegalArgumentException("prefix of a subnet must be 0 to 32: " + prefix);
        }
        network = new Ipv4(network.bits() & mask(prefix));
    }

    /** @throws IllegalArgumentException if the text is not like 10.1.0.0/22 */
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,2}")) {
            throw new IllegalArgumentException("not a subnet like 10.1.0.0/22: " + text);
        }
        return new Subnet(Ipv4.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /**
     * The default subnet of a node: the same for the same {@code node8} unless it overlaps one that is in use on the
     * host; then the next free one.
     *
     * @throws NetworkException if every candidate overlaps
     */
    static Subnet choose(String node8, Collection<Subnet> taken) throws NetworkException {
        int candidates = 1 << (DEFAULT_PREFIX - POOL.prefix);
        int start = Math.floorMod(Integer.parseUnsignedInt(node8, 16) * 0x9E3779B1, candidates);
        for (int i = 0; i < candidates; i++) {
            int index = (start + i) % candidates;
            var subnet = new Subnet(new Ipv4(POOL.network.bits() + (index << (32 - DEFAULT_PREFIX))), DEFAULT_PREFIX);
            if (taken.stream().noneMatch(subnet::overlaps)) {
                return subnet;
            }
        }
        throw new NetworkException("no free subnet for containers: the host's routes cover all of " + POOL);
    }

    boolean contains(Ipv4 address) {
        return (address.bits() & mask(prefix)) == network.bits();
    }

    boolean overlaps(Subnet other) {
        return prefix <= other.prefix ? contains(other.network) : other.contains(network);
    }

    /** The bridge's own address: the first one. */
    Ipv4 gateway() {
        return address(1);
    }

    /** Addresses that containers can have: all but the network's, the gateway's and the broadcast address. */
    int capacity() {
        return prefix >= 30 ? 0 : (1 << (32 - prefix)) - 3;
    }

    Ipv4 broadcast() {
        return new Ipv4(network.bits() | ~mask(prefix));
    }

    Ipv4 address(int index) {
        return new Ipv4(network.bits() + index);
    }

    int indexOf(Ipv4 address) {
        return address.bits() - network.bits();
    }

    private static int mask(int prefix) {
        return prefix == 0 ? 0 : -1 << (32 - prefix);
    }

    @Override
    public String toString() {
        return network + "/" + prefix;
    }
}
