package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Opens, reads and writes by descriptor. Every descriptor made here is close-on-exec. */
public final class Descriptors {

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DIRECTORY = isArm() ? 0x4000 : 0x10000;
    public static final int O_NOFOLLOW = isArm() ? 0x8000 : 0x20000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;

    /** openat2(2): symbolic links and ".." of the whole path stay below the directory, which acts as the root. */
    public static final long RESOLVE_IN_ROOT = 0x10;

    public static final long RESOLVE_BENEATH = 0x08;
    public static final long RESOLVE_NO_SYMLINKS = 0x04;
    public static final long RESOLVE_NO_MAGICLINKS = 0x02;
    public static final long RESOLVE_NO_XDEV = 0x01;

    static final Libc LIBC = Native.bind(Libc.class, "c");

    private static final int AT_FDCWD = -100;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_ADD_SEALS = 1033;
    private static final int SEAL_EVERYTHING = 0x1 | 0x2 | 0x4 | 0x8;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int MFD_EXEC = 0x10;
    private static final int EFD_FLAGS = O_CLOEXEC | O_NONBLOCK;
    private static final long SYS_OPENAT2 = 437;

    /** Bound by jnr-ffi. */
    public interface Libc {
        int openat(int directory, String path, int flags, @mode_t int mode);

        int close(int fd);

        @ssize_t
        long read(int fd, @Out byte[] buffer, @size_t long count);

        @ssize_t
        long write(int fd, @In byte[] buffer, @size_t long count);

        int fcntl(int fd, int command, int argument);

        int memfd_create(String name, int flags);

        int eventfd(int initial, int flags);

        long syscall(long number, long directory, @In byte[] path, Pointer how, @size_t long size);
    }

    private Descriptors() {}

    private static boolean isArm() {
        return System.getProperty("os.arch", "").equals("aarch64");
    }

    /** open(2); symbolic links are followed as the host sees them, so only for paths that the host itself owns. */
    public static Fd open(String path, int flags, int mode) throws KernelException {
        return new Fd(KernelException.check(LIBC.openat(AT_FDCWD, path, flags | O_CLOEXEC, mode), "open", path));
    }

    /** openat2(2) from a directory, with the given RESOLVE_ flags. */
    public static Fd openBelow(Fd directory, String path, int flags, int mode, long resolve) throws KernelException {
        Pointer how = Native.memory(24);
        how.putLong(0, Integer.toUnsignedLong(flags | O_CLOEXEC));
        how.putLong(8, Integer.toUnsignedLong(mode));
        how.putLong(16, resolve);
        byte[] name =
                Arrays.copyOf(path.getBytes(StandardCharsets.UTF_8), path.getBytes(StandardCharsets.UTF_8).length + 1);
        long result = LIBC.syscall(SYS_OPENAT2, directory.number(), name, how, 24);
        return new Fd((int) KernelException.check(result, "openat2", path));
    }

    /** An anonymous file in memory with the given content. */
    public static Fd memory(String name, byte[] content) throws KernelException {
        return memory(name, content, 0);
    }

    /** An anonymous executable file in memory that nobody, root included, can change any more. */
    public static Fd sealedExecutable(String name, byte[] content) throws KernelException {
        Fd fd;
        try {
            fd = memory(name, content, MFD_EXEC);
        } catch (KernelException old) {
            // Kernels before 6.3 do not know the flag and make every memfd executable.
            if (old.errno() != Errno.EINVAL) {
                throw old;
            }
            fd = memory(name, content, 0);
        }
        KernelException.check(LIBC.fcntl(fd.number(), F_ADD_SEALS, SEAL_EVERYTHING), "seal", name);
        return fd;
    }

    private static Fd memory(String name, byte[] content, int flags) throws KernelException {
        int made = LIBC.memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags);
        Fd fd = new Fd(KernelException.check(made, "memfd_create", name));
        try {
            writeFully(fd, content);
        } catch (KernelException e) {
            fd.close();
            throw e;
        }
        return fd;
    }

    /** A non-blocking eventfd(2) with count 0. */
    public static Fd event() throws KernelException {
        return new Fd(KernelException.check(LIBC.eventfd(0, EFD_FLAGS), "eventfd", ""));
    }

    /** A second descriptor for one that this process was started with, as 0, 1, 2 or a number that its caller announced. */
    public static Fd inherited(int number) throws KernelException {
        int made = LIBC.fcntl(number, F_DUPFD_CLOEXEC, 0);
        return new Fd(KernelException.check(made, "use the caller's descriptor", String.valueOf(number)));
    }

    /** A second descriptor for the same open file, numbered {@code lowest} or above. */
    public static Fd duplicate(Fd fd, int lowest) throws KernelException {
        int made = LIBC.fcntl(fd.number(), F_DUPFD_CLOEXEC, lowest);
        return new Fd(KernelException.check(made, "duplicate descriptor", String.valueOf(fd.number())));
    }

    /** Reads once into the buffer and returns the number of bytes, 0 at the end of the file. */
    public static int read(Fd fd, byte[] buffer) throws KernelException {
        while (true) {
            long count = LIBC.read(fd.number(), buffer, buffer.length);
            if (count >= 0 || Native.errno() != Errno.EINTR) {
                return (int) KernelException.check(count, "read", "");
            }
        }
    }

    public static void writeFully(Fd fd, byte[] content) throws KernelException {
        byte[] rest = content;
        while (rest.length > 0) {
            long count = LIBC.write(fd.number(), rest, rest.length);
            if (count < 0 && Native.errno() == Errno.EINTR) {
                continue;
            }
            KernelException.check(count, "write", "");
            rest = Arrays.copyOfRange(rest, (int) count, rest.length);
        }
    }
}
