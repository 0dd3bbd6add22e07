package io.flotilla.agent.network;

import io.flotilla.agent.kernel.Errno;
import io.flotilla.agent.kernel.KernelException;
import io.flotilla.agent.kernel.NetlinkReply;
import io.flotilla.agent.kernel.NetlinkReply.Body;
import io.flotilla.agent.kernel.NetlinkRequest;
import io.flotilla.agent.kernel.NetlinkSocket;
import io.flotilla.agent.network.Ruleset.Publication;
import io.flotilla.protocol.PortMapping.Protocol;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * The elements of the table's map {@code published}, and connection tracking, by nfnetlink: an insertion takes some
 * microseconds where starting {@code nft} takes milliseconds. Not thread-safe.
 */
final class Netfilter implements AutoCloseable {

    private static final int BATCH_BEGIN = 0x10;
    private static final int BATCH_END = 0x11;
    private static final int SUBSYSTEM_CONNTRACK = 1 << 8;
    private static final int SUBSYSTEM_NFTABLES = 10 << 8;
    private static final int GETTABLE = SUBSYSTEM_NFTABLES | 1;
    private static final int NEWSETELEM = SUBSYSTEM_NFTABLES | 12;
    private static final int DELSETELEM = SUBSYSTEM_NFTABLES | 14;
    private static final int CONNTRACK_GET = SUBSYSTEM_CONNTRACK | 1;
    private static final int CONNTRACK_DELETE = SUBSYSTEM_CONNTRACK | 2;

    private static final int NFGENMSG = 4;
    private static final int AF_INET = 2;
    private static final int TABLE_NAME = 1;
    private static final int LIST_TABLE = 1;
    private static final int LIST_SET = 2;
    private static final int LIST_ELEMENTS = 3;
    private static final int LIST_ELEMENT = 1;
    private static final int ELEMENT_KEY = 1;
    private static final int ELEMENT_DATA = 2;
    private static final int DATA_VALUE = 1;

    private static final int CTA_TUPLE_ORIGINAL = 1;
    private static final int CTA_FILTER = 25;
    private static final int CTA_TUPLE_PROTOCOL = 2;
    private static final int CTA_PROTOCOL_NUMBER = 1;
    private static final int CTA_PROTOCOL_DESTINATION_PORT = 3;
    private static final int CTA_FILTER_ORIGINAL_FLAGS = 1;
    private static final int CTA_FILTER_REPLY_FLAGS = 2;
    private static final int FILTER_PROTOCOL_NUMBER = 1 << 3;
    private static final int FILTER_DESTINATION_PORT = 1 << 5;

    private final NetlinkSocket socket;
    private final String table;

    Netfilter(NetlinkSocket socket, String table) {
        this.socket = socket;
        this.table = table;
    }

    boolean hasTable() throws KernelException {
        var request = message("look up table", GETTABLE, NetlinkRequest.ACK).attribute(TABLE_NAME, table);
        try {
            return !socket.exchange(request).isEmpty();
        } catch (KernelException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** Adds all of them or none; adding what is there already changes nothing. */
    void publish(List<Publication> publications) throws KernelException {
        elements("publish ports in", NEWSETELEM, NetlinkRequest.CREATE, publications);
    }

    /** Removes all of them or none: fails with ENOENT if one is not there. */
    void withdraw(List<Publication> publications) throws KernelException {
        elements("withdraw ports from", DELSETELEM, 0, publications);
    }

    private void elements(String operation, int type, int flags, List<Publication> publications)
            throws KernelException {
        if (publications.isEmpty()) {
            return;
        }
        var change = message(operation, type, flags | NetlinkRequest.ACK)
                .attribute(LIST_TABLE, table)
                .attribute(LIST_SET, Ruleset.MAP)
                .nest(
                        LIST_ELEMENTS,
                        list -> publications.forEach(publication ->
                                list.nest(LIST_ELEMENT, element -> element(element, type, publication))));
        socket.exchange(
                List.of(batch("begin transaction of", BATCH_BEGIN), change, batch("end transaction of", BATCH_END)));
    }

    /** Each part of a concatenation starts at a multiple of four bytes. */
    private static void element(NetlinkRequest element, int type, Publication publication) {
        byte[] key = ByteBuffer.allocate(8)
                .put(0, (byte) publication.protocol())
                .putShort(4, (short) publication.hostPort())
                .array();
        element.nest(ELEMENT_KEY, data -> data.attribute(DATA_VALUE, key));
        if (type == NEWSETELEM) {
            byte[] value = ByteBuffer.allocate(8)
                    .putInt(0, publication.address().bits())
                    .putShort(4, (short) publication.containerPort())
                    .array();
            element.nest(ELEMENT_DATA, data -> data.attribute(DATA_VALUE, value));
        }
    }

    /**
     * Ends the UDP flows to the given host ports: a client that goes on sending to a port keeps its flow alive, and
     * with it the decision of the time when the flow began. Flows are listed by a filter (Linux 5.8) and ended one by
     * one, since ending them by the filter is newer than 6.1.
     */
    void forgetUdpFlows(List<Publication> publications) throws KernelException {
        for (Publication publication : publications) {
            if (publication.protocol() == Publication.number(Protocol.UDP)) {
                for (NetlinkReply flow : socket.exchange(listUdpFlows(publication.hostPort()))) {
                    forget(flow, publication.hostPort());
                }
            }
        }
    }

    private NetlinkRequest listUdpFlows(int port) {
        byte[] portBytes = {(byte) (port >> 8), (byte) port};
        return message("list UDP flows beside", CONNTRACK_GET, NetlinkRequest.DUMP)
                .nest(
                        CTA_TUPLE_ORIGINAL,
                        tuple -> tuple.nest(
                                CTA_TUPLE_PROTOCOL,
                                protocol -> protocol.attribute(
                                                CTA_PROTOCOL_NUMBER, (byte) Publication.number(Protocol.UDP))
                                        .attribute(CTA_PROTOCOL_DESTINATION_PORT, portBytes)))
                .nest(
                        CTA_FILTER,
                        filter -> filter.attributeU32(
                                        CTA_FILTER_ORIGINAL_FLAGS, FILTER_PROTOCOL_NUMBER | FILTER_DESTINATION_PORT)
                                .attributeU32(CTA_FILTER_REPLY_FLAGS, 0));
    }

    /** A kernel that does not know the filter lists every flow there is, so it is looked at once more. */
    private void forget(NetlinkReply flow, int port) throws KernelException {
        Body tuple = flow.body().attributes(NFGENMSG).get(CTA_TUPLE_ORIGINAL);
        Body protocol = tuple == null ? null : tuple.attributes(0).get(CTA_TUPLE_PROTOCOL);
        if (tuple == null || protocol == null || !isUdpTo(port, protocol.attributes(0))) {
            return;
        }
        var request = message("forget a UDP flow beside", CONNTRACK_DELETE, NetlinkRequest.ACK);
        try {
            socket.exchange(request.attribute(CTA_TUPLE_ORIGINAL | NetlinkRequest.NESTED, tuple.array()));
        } catch (KernelException e) {
            // It ended by itself meanwhile.
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private static boolean isUdpTo(int port, Map<Integer, Body> protocol) {
        Body number = protocol.get(CTA_PROTOCOL_NUMBER);
        Body destination = protocol.get(CTA_PROTOCOL_DESTINATION_PORT);
        return number != null
                && destination != null
                && number.u8(0) == Publication.number(Protocol.UDP)
                && ((destination.u8(0) << 8) | destination.u8(1)) == port;
    }

    private NetlinkRequest message(String operation, int type, int flags) {
        return new NetlinkRequest(operation, "table " + table, type, flags)
                .u8(AF_INET)
                .u8(0)
                .u16(0);
    }

    private NetlinkRequest batch(String operation, int type) {
        return new NetlinkRequest(operation, "table " + table, type, 0)
                .u8(0)
                .u8(0)
                .u16NetworkOrder(SUBSYSTEM_NFTABLES >> 8);
    }

    @Override
    public void close() {
        socket.close();
    }
}
