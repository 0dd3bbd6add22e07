package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.NetlinkReply;
import io.flotilla.agent.kernel.NetlinkReply.Body;
import io.flotilla.agent.kernel.NetlinkRequest;
import io.flotilla.agent.kernel.NetlinkSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Links, addresses and routes of one network namespace (rtnetlink(7)). Not thread-safe. */
final class Links implements AutoCloseable {

    private static final int NEWLINK = 16;
    private static final int DELLINK = 17;
    private static final int GETLINK = 18;
    private static final int NEWADDR = 20;
    private static final int DELADDR = 21;
    private static final int GETADDR = 22;
    private static final int NEWROUTE = 24;
    private static final int GETROUTE = 26;

    private static final int AF_UNSPEC = 0;
    private static final int AF_INET = 2;
    private static final int UP = 0x1;

    private static final int IFLA_ADDRESS = 1;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_MASTER = 10;
    private static final int IFLA_LINKINFO = 18;
    private static final int IFLA_STATS64 = 23;
    private static final int IFLA_NET_NS_FD = 28;
    private static final int INFO_KIND = 1;
    private static final int INFO_DATA = 2;
    private static final int INFO_SLAVE_KIND = 4;
    private static final int INFO_SLAVE_DATA = 5;
    private static final int VETH_INFO_PEER = 1;
    private static final int BRPORT_MODE = 4;
    private static final int LINK_FIXED_PART = 16;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_BROADCAST = 4;
    private static final int ADDRESS_FIXED_PART = 8;

    private static final int RTA_DST = 1;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int ROUTE_FIXED_PART = 12;
    private static final int TABLE_MAIN = 254;
    private static final int PROTOCOL_BOOT = 3;
    private static final int TYPE_UNICAST = 1;

    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** A network device. {@code master} is the index of the bridge that it is a port of, 0 without one. */
    record Link(int index, String name, int mtu, int master, Optional<NetworkStats> stats) {}

    /** An address on a link, with the network that it implies. */
    record Address(int link, Ipv4 address, Subnet subnet) {}

    /** A route of any table; {@code link} is 0 where it leads to none. */
    record Route(int link, Subnet destination) {}

    /** The two ends of a veth pair. The peer is made inside the container's namespace, nothing is moved afterwards. */
    record Pair(String name, int bridge, int mtu, Fd namespace, String peerName, Mac peerMac) {}

    Optional<Link> find(String name) throws KernelException {
        try {
            var request = link("look up link", name, GETLINK, NetlinkRequest.ACK, 0, 0, 0);
            return socket.exchange(request.attribute(IFLA_IFNAME, name)).stream()
                    .findFirst()
                    .map(Links::toLink);
        } catch (KernelException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    List<Link> all() throws KernelException {
        return socket.exchange(link("list", "links", GETLINK, NetlinkRequest.DUMP, 0, 0, 0)).stream()
                .map(Links::toLink)
                .toList();
    }

    List<Address> addresses() throws KernelException {
        var request = new NetlinkRequest("list", "addresses", GETADDR, NetlinkRequest.DUMP);
        var result = new ArrayList<Address>();
        for (NetlinkReply reply : socket.exchange(request.u32(AF_INET).u32(0))) {
            Map<Integer, Body> attributes = reply.body().attributes(ADDRESS_FIXED_PART);
            Body local = attributes.get(IFA_LOCAL);
            if (reply.body().u8(0) == AF_INET && local != null) {
                var address = Ipv4.of(local.array());
                result.add(new Address(
                        reply.body().u32(4),
                        address,
                        new Subnet(address, reply.body().u8(1))));
            }
        }
        return result;
    }

    List<Route> routes() throws KernelException {
        var request = new NetlinkRequest("list", "routes", GETROUTE, NetlinkRequest.DUMP);
        var result = new ArrayList<Route>();
        for (NetlinkReply reply : socket.exchange(request.u32(AF_INET).u32(0).u32(0))) {
            Map<Integer, Body> attributes = reply.body().attributes(ROUTE_FIXED_PART);
            Body destination = attributes.get(RTA_DST);
            Body link = attributes.get(RTA_OIF);
            var network = destination == null ? new Ipv4(0) : Ipv4.of(destination.array());
            if (reply.body().u8(0) == AF_INET) {
                result.add(new Route(
                        link == null ? 0 : link.u32(0),
                        new Subnet(network, reply.body().u8(1))));
            }
        }
        return result;
    }

    void createBridge(String name, Mac mac) throws KernelException {
        // With a MAC address of its own the bridge does not change it whenever a port comes or goes.
        var request = link(
                "create bridge",
                name,
                NEWLINK,
                NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCL,
                0,
                0,
                0);
        request.attribute(IFLA_IFNAME, name).attribute(IFLA_ADDRESS, mac.bytes());
        socket.exchange(request.nest(IFLA_LINKINFO, info -> info.attribute(INFO_KIND, "bridge")));
    }

    /**
     * Makes a veth pair with our end up and a port of the bridge, one that may send a frame back to where it came from. The
     * kernel refuses to bring up the other end before the two are joined.
     */
    void createPair(Pair pair) throws KernelException {
        var create = link(
                "create veth",
                pair.name,
                NEWLINK,
                NetlinkRequest.ACK | NetlinkRequest.CREATE | NetlinkRequest.EXCL,
                0,
                UP,
                UP);
        create.attribute(IFLA_IFNAME, pair.name)
                .attributeU32(IFLA_MTU, pair.mtu)
                .attributeU32(IFLA_MASTER, pair.bridge);
        Consumer<NetlinkRequest> peer = nested -> fixedPart(nested, 0, 0, 0)
                .attribute(IFLA_IFNAME, pair.peerName)
                .attributeU32(IFLA_MTU, pair.mtu)
                .attribute(IFLA_ADDRESS, pair.peerMac.bytes())
                .attributeU32(IFLA_NET_NS_FD, pair.namespace.number());
        create.nest(
                IFLA_LINKINFO,
                info -> info.attribute(INFO_KIND, "veth").nest(INFO_DATA, data -> data.nest(VETH_INFO_PEER, peer)));
        var hairpin = link("set hairpin mode of", pair.name, NEWLINK, NetlinkRequest.ACK, 0, 0, 0);
        hairpin.attribute(IFLA_IFNAME, pair.name)
                .nest(
                        IFLA_LINKINFO,
                        info -> info.attribute(INFO_SLAVE_KIND, "bridge")
                                .nest(INFO_SLAVE_DATA, data -> data.attribute(BRPORT_MODE, (byte) 1)));
        socket.exchange(List.of(create, hairpin));
    }

    void delete(String name) throws KernelException {
        try {
            socket.exchange(link("delete link", name, DELLINK, NetlinkRequest.ACK, 0, 0, 0)
                    .attribute(IFLA_IFNAME, name));
        } catch (KernelException e) {
            if (e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    void up(int index, String name) throws KernelException {
        socket.exchange(link("bring up", name, NEWLINK, NetlinkRequest.ACK, index, UP, UP));
    }

    /** Into another namespace and to another name at once, which no other interface there may have. */
    void move(int index, String name, String newName, Fd namespace) throws KernelException {
        socket.exchange(link("move network interface", name, NEWLINK, NetlinkRequest.ACK, index, 0, 0)
                .attributeU32(IFLA_NET_NS_FD, namespace.number())
                .attribute(IFLA_IFNAME, newName));
    }

    void setMtu(int index, String name, int mtu) throws KernelException {
        socket.exchange(link("set MTU of", name, NEWLINK, NetlinkRequest.ACK, index, 0, 0)
                .attributeU32(IFLA_MTU, mtu));
    }

    void addAddress(int index, Ipv4 address, Subnet subnet) throws KernelException {
        socket.exchange(
                address("add address", NEWADDR, NetlinkRequest.CREATE | NetlinkRequest.EXCL, index, address, subnet));
    }

    void removeAddress(int index, Ipv4 address, Subnet subnet) throws KernelException {
        socket.exchange(address("remove address", DELADDR, 0, index, address, subnet));
    }

    /** In a container's namespace: both links up, the address, and the default route, in one datagram. */
    void configureContainer(String name, Ipv4 address, Subnet subnet) throws KernelException {
        int index = find(name).orElseThrow(() -> new KernelException("look up link", name, Errno.ENODEV)).index;
        var route = new NetlinkRequest(
                "add default route by",
                subnet.gateway().toString(),
                NEWROUTE,
                NetlinkRequest.ACK | NetlinkRequest.CREATE);
        route.u8(AF_INET)
                .u8(0)
                .u8(0)
                .u8(0)
                .u8(TABLE_MAIN)
                .u8(PROTOCOL_BOOT)
                .u8(0)
                .u8(TYPE_UNICAST)
                .u32(0);
        route.attribute(RTA_GATEWAY, subnet.gateway().bytes()).attributeU32(RTA_OIF, index);
        socket.exchange(List.of(
                loopbackUp(),
                link("bring up", name, NEWLINK, NetlinkRequest.ACK, index, UP, UP),
                address("add address", NEWADDR, NetlinkRequest.CREATE | NetlinkRequest.EXCL, index, address, subnet),
                route));
    }

    void bringUpLoopback() throws KernelException {
        socket.exchange(loopbackUp());
    }

    private static NetlinkRequest loopbackUp() {
        return link("bring up", "lo", NEWLINK, NetlinkRequest.ACK, 1, UP, UP);
    }

    private static NetlinkRequest address(
            String operation, int type, int flags, int index, Ipv4 address, Subnet subnet) {
        var request = new NetlinkRequest(operation, address.toString(), type, flags | NetlinkRequest.ACK);
        request.u8(AF_INET).u8(subnet.prefix()).u8(0).u8(0).u32(index);
        request.attribute(IFA_LOCAL, address.bytes()).attribute(IFA_ADDRESS, address.bytes());
        return request.attribute(IFA_BROADCAST, subnet.broadcast().bytes());
    }

    private static NetlinkRequest link(
            String operation, String subject, int type, int flags, int index, int linkFlags, int change) {
        return fixedPart(new NetlinkRequest(operation, subject, type, flags), index, linkFlags, change);
    }

    private static NetlinkRequest fixedPart(NetlinkRequest request, int index, int linkFlags, int change) {
        return request.u8(AF_UNSPEC).u8(0).u16(0).u32(index).u32(linkFlags).u32(change);
    }

    private static Link toLink(NetlinkReply reply) {
        Map<Integer, Body> attributes = reply.body().attributes(LINK_FIXED_PART);
        Body name = attributes.get(IFLA_IFNAME);
        Body mtu = attributes.get(IFLA_MTU);
        Body master = attributes.get(IFLA_MASTER);
        return new Link(
                reply.body().u32(4),
                name == null ? "" : text(name),
                mtu == null ? 0 : mtu.u32(0),
                master == null ? 0 : master.u32(0),
                Optional.ofNullable(attributes.get(IFLA_STATS64)).map(NetworkStats::ofHostEnd));
    }

    private static String text(Body body) {
        byte[] bytes = body.array();
        return new String(bytes, 0, bytes.length - 1, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        socket.close();
    }
}
