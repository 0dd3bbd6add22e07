package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Tells the service manager how this service is, as sd_notify(3) describes it. */
public final class ServiceManager {

    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        int socket(int domain, int type, int protocol);

        @ssize_t
        long sendto(int fd, @In byte[] data, @size_t long length, int flags, @In byte[] address, int addressLength);
    }

    private ServiceManager() {}

    /**
     * Sends a state such as {@code READY=1} or {@code STATUS=...}.
     *
     * @param socket the value of {@code NOTIFY_SOCKET}; a leading {@code @} means an abstract address
     */
    public static void notify(String socket, String state) throws KernelException {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        byte[] address = new byte[2 + name.length];
        address[0] = AF_UNIX;
        System.arraycopy(name, 0, address, 2, name.length);
        if (socket.startsWith("@")) {
            address[2] = 0;
        }
        byte[] data = state.getBytes(StandardCharsets.UTF_8);
        int number = KernelException.check(
                LIBC.socket(AF_UNIX, SOCK_DGRAM | Descriptors.O_CLOEXEC, 0), "socket", "for the service manager");
        try (Fd fd = new Fd(number)) {
            if (LIBC.sendto(fd.number(), data, data.length, MSG_NOSIGNAL, address, address.length) < 0) {
                throw new KernelException("send to", socket, Native.errno());
            }
        }
    }
}
