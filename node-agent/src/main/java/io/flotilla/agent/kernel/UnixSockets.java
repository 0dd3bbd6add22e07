package io.flotilla.agent.kernel;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Unix sockets that keep message boundaries (SOCK_SEQPACKET) and carry descriptors. All are non-blocking. */
public final class UnixSockets {

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_SEQPACKET = 5;
    private static final int FLAGS = Descriptors.O_CLOEXEC | Descriptors.O_NONBLOCK;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MESSAGE_HEADER_BYTES = 56;
    private static final int CONTROL_HEADER_BYTES = 16;
    private static final int MOST_DESCRIPTORS = 16;
    private static final int CONTROL_BYTES = CONTROL_HEADER_BYTES + MOST_DESCRIPTORS * 4;
    /** sun_path of unix(7), one byte of which ends the string. */
    private static final int LONGEST_PATH = 107;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        int socket(int domain, int type, int protocol);

        int socketpair(int domain, int type, int protocol, @Out int[] pair);

        int connect(int fd, @In byte[] address, int length);

        @ssize_t
        long sendmsg(int fd, Pointer message, int flags);

        @ssize_t
        long recvmsg(int fd, Pointer message, int flags);

        @ssize_t
        long send(int fd, @In byte[] data, @size_t long length, int flags);
    }

    /** One received message. An empty one without descriptors is the end of the stream. */
    public record Packet(ByteBuffer data, List<Fd> descriptors) {
        static final Packet END = new Packet(ByteBuffer.allocate(0), List.of());

        public boolean isEnd() {
            return !data.hasRemaining() && descriptors.isEmpty();
        }
    }

    private UnixSockets() {}

    /** Two connected sockets. */
    public static List<Fd> pair() throws KernelException {
        int[] pair = new int[2];
        KernelException.check(LIBC.socketpair(AF_UNIX, SOCK_SEQPACKET | FLAGS, 0, pair), "socketpair", "");
        return List.of(new Fd(pair[0]), new Fd(pair[1]));
    }

    /** Connects to a listening socket; ECONNREFUSED when nobody listens there any more, ENOENT when it is gone. */
    public static Fd connect(String path) throws KernelException {
        return connect(path, SOCK_SEQPACKET);
    }

    /** Connects to a listening socket of other people's, who speak in a stream. */
    public static Fd connectStream(String path) throws KernelException {
        return connect(path, SOCK_STREAM);
    }

    /** A socket for datagrams to the one at the path; errors as of {@link #connect}. */
    public static Fd datagrams(String path) throws KernelException {
        return connect(path, SOCK_DGRAM);
    }

    private static Fd connect(String path, int type) throws KernelException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH) {
            throw new KernelException("connect to", path, Errno.ENAMETOOLONG);
        }
        byte[] address = new byte[2 + LONGEST_PATH + 1];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        Fd fd = new Fd(KernelException.check(LIBC.socket(AF_UNIX, type | FLAGS, 0), "socket", ""));
        if (LIBC.connect(fd.number(), address, address.length) < 0) {
            Errno errno = Native.errno();
            fd.close();
            throw new KernelException("connect to", path, errno);
        }
        return fd;
    }

    /** Sends one message, or returns false when the peer's queue is full. EPIPE when the peer is gone. */
    public static boolean send(Fd socket, byte[] data) throws KernelException {
        return sent(LIBC.send(socket.number(), data, data.length, MSG_NOSIGNAL));
    }

    /** Sends one message with descriptors, which stay open here. Returns false when the peer's queue is full. */
    public static boolean send(Fd socket, byte[] data, List<Fd> descriptors) throws KernelException {
        if (descriptors.size() > MOST_DESCRIPTORS) {
            throw new IllegalArgumentException("more than " + MOST_DESCRIPTORS + " descriptors in one message");
        }
        Pointer content = Native.memory(Math.max(1, data.length));
        content.put(0, data, 0, data.length);
        Pointer control = Native.memory(CONTROL_BYTES);
        int controlLength = CONTROL_HEADER_BYTES + 4 * descriptors.size();
        control.putLong(0, controlLength);
        control.putInt(8, SOL_SOCKET);
        control.putInt(12, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            control.putInt(CONTROL_HEADER_BYTES + 4L * i, descriptors.get(i).number());
        }
        Pointer vector = vector(content, data.length);
        Pointer message = header(vector, control, roundUp(controlLength));
        try {
            return sent(LIBC.sendmsg(socket.number(), message, MSG_NOSIGNAL));
        } finally {
            // Until here only their addresses, which the collector does not see, refer to these.
            Reference.reachabilityFence(content);
            Reference.reachabilityFence(vector);
            Reference.reachabilityFence(control);
        }
    }

    private static boolean sent(long result) throws KernelException {
        if (result < 0 && Native.errno() == Errno.EAGAIN) {
            return false;
        }
        KernelException.check(result, "send", "");
        return true;
    }

    /** A place to receive messages into, for one thread at a time. */
    public static final class Receiver {

        private final Pointer content;
        private final Pointer control = Native.memory(CONTROL_BYTES);
        private final Pointer vector;
        private final int size;

        public Receiver(int size) {
            this.size = size;
            this.content = Native.memory(size);
            this.vector = vector(content, size);
        }

        /** Takes the next message; null when none is waiting. ECONNRESET reads as the end. */
        public @org.jspecify.annotations.Nullable Packet receive(Fd socket) throws KernelException {
            Pointer message = header(vector, control, CONTROL_BYTES);
            long count = LIBC.recvmsg(socket.number(), message, MSG_CMSG_CLOEXEC);
            if (count < 0) {
                Errno errno = Native.errno();
                if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
                    return null;
                }
                if (errno == Errno.ECONNRESET) {
                    return Packet.END;
                }
                throw new KernelException("receive", "", errno);
            }
            byte[] data = new byte[(int) Math.min(count, size)];
            content.get(0, data, 0, data.length);
            return new Packet(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN), descriptors(message.getLong(40)));
        }

        private List<Fd> descriptors(long controlLength) {
            List<Fd> result = new ArrayList<>();
            if (controlLength >= CONTROL_HEADER_BYTES && control.getInt(12) == SCM_RIGHTS) {
                long end = control.getLong(0);
                for (long at = CONTROL_HEADER_BYTES; at + 4 <= end; at += 4) {
                    result.add(new Fd(control.getInt(at)));
                }
            }
            return List.copyOf(result);
        }
    }

    private static Pointer vector(Pointer content, int length) {
        Pointer vector = Native.memory(16);
        vector.putLong(0, content.address());
        vector.putLong(8, length);
        return vector;
    }

    /** struct msghdr of a 64-bit Linux libc. */
    private static Pointer header(Pointer vector, Pointer control, int controlLength) {
        Pointer message = Native.memory(MESSAGE_HEADER_BYTES);
        message.putLong(16, vector.address());
        message.putLong(24, 1);
        message.putLong(32, control.address());
        message.putLong(40, controlLength);
        return message;
    }

    private static int roundUp(int length) {
        return (length + 7) & ~7;
    }
}
