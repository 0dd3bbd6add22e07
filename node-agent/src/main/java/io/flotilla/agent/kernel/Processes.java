package io.flotilla.agent.kernel;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/** Starts, signals and identifies processes. */
public final class Processes {

    private static final int SPAWN_SETSIGDEF = 0x04;
    private static final int SPAWN_SETSIGMASK = 0x08;
    private static final int SPAWN_SETSID = 0x80;
    private static final int SIGSET_BYTES = 128;
    /** Larger than any libc's posix_spawnattr_t (336 bytes in glibc) and posix_spawn_file_actions_t (80). */
    private static final int OPAQUE_BYTES = 512;
    /** Above every number that a spawned process is given, so that dup2 in the child never overwrites a source. */
    private static final int LOWEST_SOURCE = 64;

    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final short POLLIN = 1;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        int posix_spawn(@Out int[] pid, String path, Pointer actions, Pointer attributes, Pointer argv, Pointer envp);

        int posix_spawnattr_init(Pointer attributes);

        int posix_spawnattr_destroy(Pointer attributes);

        int posix_spawnattr_setflags(Pointer attributes, short flags);

        int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

        int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

        int posix_spawn_file_actions_init(Pointer actions);

        int posix_spawn_file_actions_destroy(Pointer actions);

        int posix_spawn_file_actions_adddup2(Pointer actions, int from, int to);

        int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int lowest);

        int sigfillset(Pointer set);

        int kill(int pid, int signal);

        int waitpid(int pid, @Out int[] status, int options);

        int poll(Pointer descriptors, long count, int timeout);

        int prctl(int option, long value, long third, long fourth, long fifth);

        long syscall(long number, long first, long second, long third, long fourth);
    }

    private Processes() {}

    /**
     * Starts a program with an empty signal mask, default dispositions, a session of its own, and exactly the given
     * descriptors, which become 0, 1, 2, ... in the new process. Everything else of this JVM stays out of it.
     *
     * @return the process id
     */
    public static int spawn(String path, List<String> argv, List<String> environment, List<Fd> descriptors)
            throws KernelException {
        Pointer actions = Native.memory(OPAQUE_BYTES);
        Pointer attributes = Native.memory(OPAQUE_BYTES);
        Pointer arguments = strings(argv);
        Pointer variables = strings(environment);
        List<Fd> sources = new ArrayList<>();
        LIBC.posix_spawn_file_actions_init(actions);
        LIBC.posix_spawnattr_init(attributes);
        try {
            for (Fd descriptor : descriptors) {
                sources.add(Descriptors.duplicate(descriptor, LOWEST_SOURCE));
                int target = sources.size() - 1;
                LIBC.posix_spawn_file_actions_adddup2(actions, sources.getLast().number(), target);
            }
            LIBC.posix_spawn_file_actions_addclosefrom_np(actions, descriptors.size());
            cleanSlate(attributes);
            int[] pid = new int[1];
            int error = LIBC.posix_spawn(pid, path, actions, attributes, arguments, variables);
            if (error != 0) {
                throw new KernelException("spawn", path, Errno.of(error));
            }
            return pid[0];
        } finally {
            sources.forEach(Fd::close);
            LIBC.posix_spawnattr_destroy(attributes);
            LIBC.posix_spawn_file_actions_destroy(actions);
            Reference.reachabilityFence(arguments);
            Reference.reachabilityFence(variables);
        }
    }

    private static void cleanSlate(Pointer attributes) {
        Pointer signals = Native.memory(SIGSET_BYTES);
        LIBC.posix_spawnattr_setsigmask(attributes, signals);
        LIBC.sigfillset(signals);
        LIBC.posix_spawnattr_setsigdefault(attributes, signals);
        LIBC.posix_spawnattr_setflags(attributes, (short) (SPAWN_SETSIGDEF | SPAWN_SETSIGMASK | SPAWN_SETSID));
    }

    /** A NULL-terminated array of C strings in one block. */
    private static Pointer strings(List<String> values) {
        List<byte[]> encoded = values.stream()
                .map(value -> value.getBytes(StandardCharsets.UTF_8))
                .toList();
        int table = (values.size() + 1) * Long.BYTES;
        int size = table + encoded.stream().mapToInt(bytes -> bytes.length + 1).sum();
        Pointer block = Native.memory(size);
        int offset = table;
        for (int i = 0; i < encoded.size(); i++) {
            block.putLong((long) i * Long.BYTES, block.address() + offset);
            block.put(offset, encoded.get(i), 0, encoded.get(i).length);
            offset += encoded.get(i).length + 1;
        }
        return block;
    }

    /** A descriptor that becomes readable when the process ends; ESRCH when there is no such process. */
    public static Fd pidfd(int pid) throws KernelException {
        long result = LIBC.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
        return new Fd((int) KernelException.check(result, "pidfd_open", String.valueOf(pid)));
    }

    /** pidfd_send_signal(2); returns false when the process has ended already. */
    public static boolean signal(Fd pidfd, int signal) throws KernelException {
        long result = LIBC.syscall(SYS_PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0);
        if (result < 0 && Native.errno() == Errno.ESRCH) {
            return false;
        }
        KernelException.check(result, "pidfd_send_signal", String.valueOf(signal));
        return true;
    }

    /** Collects a child of this JVM that {@link #spawn} started, if it has ended. */
    public static boolean reap(int pid) {
        final int noHang = 1;
        return LIBC.waitpid(pid, new int[1], noHang) == pid;
    }

    /**
     * Waits for a child of this JVM that {@link #spawn} started, and collects it.
     *
     * @param patience null for as long as it takes
     * @return its exit code, or 128 and the number of the signal that ended it; empty if it still runs
     */
    public static OptionalInt await(int pid, @Nullable Duration patience) throws KernelException {
        try (Fd pidfd = pidfd(pid)) {
            Pointer waited = Native.memory(8);
            waited.putInt(0, pidfd.number());
            waited.putShort(4, POLLIN);
            long millis = patience == null ? -1 : Math.min(patience.toMillis(), Integer.MAX_VALUE);
            int ready = LIBC.poll(waited, 1, (int) millis);
            if (KernelException.check(ready, "poll", "process " + pid) == 0) {
                return OptionalInt.empty();
            }
        }
        int[] status = new int[1];
        KernelException.check(LIBC.waitpid(pid, status, 0), "waitpid", String.valueOf(pid));
        int signal = status[0] & 0x7f;
        return OptionalInt.of(signal == 0 ? (status[0] >> 8) & 0xff : 128 + signal);
    }

    /** Makes this JVM the parent of descendants whose own parent ends (PR_SET_CHILD_SUBREAPER). */
    public static void adoptOrphans() throws KernelException {
        KernelException.check(LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "become a subreaper", "");
    }

    /**
     * When a process started, in clock ticks since boot (field 22 of proc_pid_stat(5)); with the boot id it identifies a
     * process for ever, as a pid alone does not. Empty when there is no such process.
     */
    public static OptionalLong startTime(int pid) throws IOException {
        Optional<ProcessStat> stat = ProcessStat.read(pid);
        return stat.isPresent() ? OptionalLong.of(stat.get().startTime()) : OptionalLong.empty();
    }

    /** The random id of this boot of the kernel. */
    public static String bootId() throws IOException {
        return ProcessStat.bootId();
    }
}
