package io.flotilla.agent.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import org.jspecify.annotations.Nullable;

/** A netlink socket of the network namespace that its opening thread was in (netlink(7)). Not thread-safe. */
public final class NetlinkSocket implements AutoCloseable {

    /** Links, addresses, routes: rtnetlink(7). */
    public static final int ROUTE = 0;

    /** nftables and connection tracking. */
    public static final int NETFILTER = 12;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final long TIMEOUT_SECONDS = 10;
    private static final int CLONE_NEWNET = 0x40000000;

    private static final int HEADER = 16;
    private static final int TYPE_NOOP = 1;
    private static final int TYPE_ERROR = 2;
    private static final int TYPE_DONE = 3;
    private static final int RECEIVE_BYTES = 64 << 10;

    /** Bound by jnr-ffi. */
    public interface Libc {
        int socket(int domain, int type, int protocol);

        int setns(int fd, int type);

        int setsockopt(int fd, int level, int option, @In long[] value, int length);

        @ssize_t
        long send(int fd, @In byte[] buffer, @size_t long length, int flags);

        @ssize_t
        long recv(int fd, Pointer buffer, @size_t long length, int flags);
    }

    private final Fd fd;
    private final Pointer receiveBuffer = Native.memory(RECEIVE_BYTES);
    private int sequence;

    private NetlinkSocket(Fd fd) {
        this.fd = fd;
    }

    /** Opens a socket in the calling thread's network namespace. */
    public static NetlinkSocket open(int protocol) throws KernelException {
        var fd = new Fd(KernelException.check(
                LIBC.socket(AF_NETLINK, SOCK_RAW | Descriptors.O_CLOEXEC, protocol), "open", "netlink socket"));
        KernelException.check(
                LIBC.setsockopt(fd.number(), SOL_SOCKET, SO_RCVTIMEO, new long[] {TIMEOUT_SECONDS, 0}, 16),
                "set time-out of",
                "netlink socket");
        return new NetlinkSocket(fd);
    }

    /**
     * Opens a socket in another network namespace. The calling thread visits it for the length of one system call, so
     * it must be a platform thread: a virtual one could be moved to another carrier meanwhile.
     */
    public static NetlinkSocket openInside(Fd namespace, int protocol) throws KernelException {
        try (Fd home = currentNamespace()) {
            enterNamespace(namespace);
            try {
                return open(protocol);
            } finally {
                enterNamespace(home);
            }
        }
    }

    /** The calling thread's network namespace. */
    public static Fd currentNamespace() throws KernelException {
        return Descriptors.open("/proc/thread-self/ns/net", Descriptors.O_RDONLY, 0);
    }

    /** Moves the calling thread, which must be a platform thread, into a network namespace: setns(2). */
    public static void enterNamespace(Fd namespace) throws KernelException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread must not change its carrier's network namespace");
        }
        KernelException.check(LIBC.setns(namespace.number(), CLONE_NEWNET), "enter", "network namespace");
    }

    /** Sends one request and returns what the kernel answers besides the acknowledgement. */
    public List<NetlinkReply> exchange(NetlinkRequest request) throws KernelException {
        return exchange(List.of(request));
    }

    /**
     * Sends the requests in one datagram and waits for all answers.
     *
     * @throws KernelException naming the first request that failed; rtnetlink carries out the others nevertheless,
     *     nftables none of a batch
     */
    public List<NetlinkReply> exchange(List<NetlinkRequest> requests) throws KernelException {
        var datagram = new ByteArrayOutputStream();
        var sent = new HashMap<Integer, NetlinkRequest>();
        var waiting = new HashMap<Integer, NetlinkRequest>();
        for (NetlinkRequest request : requests) {
            datagram.writeBytes(request.encode(++sequence));
            sent.put(sequence, request);
            if (request.isAnswered()) {
                waiting.put(sequence, request);
            }
        }
        byte[] bytes = datagram.toByteArray();
        NetlinkRequest first = requests.getFirst();
        KernelException.check(LIBC.send(fd.number(), bytes, bytes.length, 0), first.operation(), first.subject());
        var answers = new Answers(sent, waiting);
        while (!waiting.isEmpty()) {
            answers.read(receive(first));
        }
        if (answers.failure != null) {
            throw answers.failure;
        }
        return answers.replies;
    }

    private ByteBuffer receive(NetlinkRequest about) throws KernelException {
        while (true) {
            long count = LIBC.recv(fd.number(), receiveBuffer, RECEIVE_BYTES, 0);
            if (count < 0 && Native.errno() == Errno.EINTR) {
                continue;
            }
            KernelException.check(count, about.operation(), about.subject());
            var copy = new byte[(int) count];
            receiveBuffer.get(0, copy, 0, copy.length);
            return ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
        }
    }

    @Override
    public void close() {
        fd.close();
    }

    /** Sorts what comes back; answers to earlier, failed exchanges are ignored by their sequence number. */
    private static final class Answers {

        private final Map<Integer, NetlinkRequest> sent;
        private final Map<Integer, NetlinkRequest> waiting;
        private final List<NetlinkReply> replies = new ArrayList<>();
        private @Nullable KernelException failure;

        Answers(Map<Integer, NetlinkRequest> sent, Map<Integer, NetlinkRequest> waiting) {
            this.sent = sent;
            this.waiting = waiting;
        }

        void read(ByteBuffer datagram) {
            int at = 0;
            while (at + HEADER <= datagram.limit()) {
                int length = datagram.getInt(at);
                if (length < HEADER || at + length > datagram.limit()) {
                    break;
                }
                message(datagram, at, length);
                at += length + 3 & ~3;
            }
        }

        private void message(ByteBuffer datagram, int at, int length) {
            int type = datagram.getShort(at + 4) & 0xffff;
            NetlinkRequest request = sent.get(datagram.getInt(at + 8));
            if (request == null || type == TYPE_NOOP) {
                return;
            }
            if (type == TYPE_ERROR || type == TYPE_DONE) {
                int error = length >= HEADER + 4 ? datagram.getInt(at + HEADER) : 0;
                finished(datagram.getInt(at + 8), request, error);
                return;
            }
            replies.add(new NetlinkReply(type, NetlinkReply.Body.of(datagram, at + HEADER, length - HEADER)));
        }

        private void finished(int sequenceNumber, NetlinkRequest request, int error) {
            if (error < 0 && failure == null) {
                failure = new KernelException(request.operation(), request.subject(), Errno.of(-error));
            }
            // An error about a message that expects no answer is about the batch as a whole: nothing else will come.
            if (waiting.remove(sequenceNumber) == null && error < 0) {
                waiting.clear();
            }
        }
    }
}
