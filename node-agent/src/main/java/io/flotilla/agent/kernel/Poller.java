package io.flotilla.agent.kernel;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import jnr.ffi.Pointer;

/**
 * One platform thread that waits for any number of descriptors with epoll(7), so that a hundred containers do not cost a
 * hundred threads. Virtual threads cannot wait in a system call without holding a carrier thread.
 */
public final class Poller implements AutoCloseable {

    private static final int EPOLL_CLOEXEC = Descriptors.O_CLOEXEC;
    private static final int ADD = 1;
    private static final int DELETE = 2;
    private static final int MODIFY = 3;
    private static final int IN = 1;
    private static final int OUT = 4;
    private static final int ONE_SHOT = 1 << 30;
    private static final int BATCH = 64;
    /** No event at all, not even a hang-up: an entry that is one-shot and has fired. */
    static final int NOTHING = ONE_SHOT;

    /** struct epoll_event is packed on x86-64 only. */
    private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));

    private static final int EVENT_BYTES = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    private final Fd epoll;
    private final Fd wake;
    private final Map<Long, Registration> registrations = new ConcurrentHashMap<>();
    private final AtomicLong nextKey = new AtomicLong(1);
    private final Thread thread;
    private volatile boolean closed;

    /** Bound by jnr-ffi. */
    public interface Libc {
        int epoll_create1(int flags);

        int epoll_ctl(int epoll, int operation, int fd, Pointer event);

        int epoll_wait(int epoll, Pointer events, int count, int timeout);
    }

    /** Called on the poller's thread when the descriptor is ready; must neither block nor throw. */
    public interface Ready {
        void ready(boolean readable, boolean writable);
    }

    /** One watched descriptor. Close it before the descriptor itself. */
    public final class Registration implements AutoCloseable {

        private final long key;
        private final Fd fd;
        private final Ready ready;

        private Registration(long key, Fd fd, Ready ready) {
            this.key = key;
            this.fd = fd;
            this.ready = ready;
        }

        /** What to be called for, once: after the call the descriptor is silent until this is called again. */
        public synchronized void interest(boolean readable, boolean writable) throws KernelException {
            if (registrations.containsKey(key)) {
                control(MODIFY, fd, key, (readable ? IN : 0) | (writable ? OUT : 0) | ONE_SHOT);
            }
        }

        @Override
        public synchronized void close() {
            if (registrations.remove(key) != null) {
                LIBC.epoll_ctl(epoll.number(), DELETE, fd.number(), Native.memory(EVENT_BYTES));
            }
        }
    }

    public Poller(String threadName) throws KernelException {
        epoll = new Fd(KernelException.check(LIBC.epoll_create1(EPOLL_CLOEXEC), "epoll_create1", ""));
        wake = Descriptors.event();
        control(ADD, wake, 0, IN);
        thread = Thread.ofPlatform().daemon().name(threadName).unstarted(this::run);
        thread.start();
    }

    /** Calls {@code ready} whenever the descriptor is readable (or has hung up), until the registration is closed. */
    public Registration watch(Fd fd, Ready ready) throws KernelException {
        return watch(fd, IN, ready);
    }

    /** As the other, but only for the given events at first; with {@link #NOTHING} until interest is shown. */
    Registration watch(Fd fd, int events, Ready ready) throws KernelException {
        Registration registration = new Registration(nextKey.getAndIncrement(), fd, ready);
        registrations.put(registration.key, registration);
        try {
            control(ADD, fd, registration.key, events);
        } catch (KernelException e) {
            registrations.remove(registration.key);
            throw e;
        }
        return registration;
    }

    private void control(int operation, Fd fd, long key, int events) throws KernelException {
        Pointer event = Native.memory(EVENT_BYTES);
        event.putInt(0, events);
        event.putLong(DATA_OFFSET, key);
        KernelException.check(LIBC.epoll_ctl(epoll.number(), operation, fd.number(), event), "epoll_ctl", "");
    }

    private void run() {
        Pointer events = Native.memory(EVENT_BYTES * BATCH);
        while (!closed) {
            int count = LIBC.epoll_wait(epoll.number(), events, BATCH, -1);
            for (int i = 0; i < count; i++) {
                long base = (long) i * EVENT_BYTES;
                Registration registration = registrations.get(events.getLong(base + DATA_OFFSET));
                if (registration != null) {
                    int ready = events.getInt(base);
                    registration.ready.ready((ready & ~OUT) != 0, (ready & OUT) != 0);
                }
            }
        }
        epoll.close();
        wake.close();
    }

    /** Stops the thread; registered descriptors stay open. */
    @Override
    public void close() throws KernelException {
        closed = true;
        Descriptors.writeFully(wake, new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
    }
}
