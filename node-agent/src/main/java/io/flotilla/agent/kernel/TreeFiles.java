package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * Makes and changes files below a directory that is held open, never by a path that somebody could redirect.
 *
 * <p>Names hold one byte per char (ISO 8859-1), since Linux knows no encoding. A name without a slash is used in the given
 * directory as it is and is never followed if it is a symbolic link. One instance serves one thread.
 */
public final class TreeFiles {

    /** S_IFIFO. */
    public static final int FIFO = 0010000;
    /** S_IFCHR. */
    public static final int CHARACTER_DEVICE = 0020000;
    /** S_IFDIR. */
    public static final int DIRECTORY = 0040000;
    /** S_IFBLK. */
    public static final int BLOCK_DEVICE = 0060000;
    /** S_IFLNK. */
    public static final int SYMBOLIC_LINK = 0120000;

    private static final int TYPE_BITS = 0170000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final long SYS_MKNODAT = System.getProperty("os.arch", "").equals("aarch64") ? 33 : 259;
    private static final long SYS_OPENAT2 = 437;
    private static final long RESOLVE =
            Descriptors.RESOLVE_IN_ROOT | Descriptors.RESOLVE_NO_MAGICLINKS | Descriptors.RESOLVE_NO_XDEV;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    private final Pointer memory = Native.memory(256);

    /** What statx(2) says. */
    public record Stat(
            int mode, long uid, long gid, long mtimeSeconds, int mtimeNanos, int deviceMajor, int deviceMinor) {

        public boolean isDirectory() {
            return (mode & TYPE_BITS) == DIRECTORY;
        }

        /** Overlayfs takes a character device 0/0 for "deleted". */
        public boolean isWhiteout() {
            return (mode & TYPE_BITS) == CHARACTER_DEVICE && deviceMajor == 0 && deviceMinor == 0;
        }
    }

    /** Bound by jnr-ffi. */
    public interface Libc {
        int openat(int directory, @In byte[] name, int flags, int mode);

        int mkdirat(int directory, @In byte[] name, int mode);

        int symlinkat(@In byte[] target, int directory, @In byte[] name);

        int linkat(int fromDirectory, @In byte[] from, int toDirectory, @In byte[] to, int flags);

        int renameat(int fromDirectory, @In byte[] from, int toDirectory, @In byte[] to);

        int unlinkat(int directory, @In byte[] name, int flags);

        int fchownat(int directory, @In byte[] name, int uid, int gid, int flags);

        int fchmod(int fd, int mode);

        int fchmodat(int directory, @In byte[] name, int mode, int flags);

        int utimensat(int directory, @In byte[] name, Pointer times, int flags);

        int futimens(int fd, Pointer times);

        int fsetxattr(int fd, @In byte[] name, @In byte[] value, @size_t long size, int flags);

        int lsetxattr(@In byte[] path, @In byte[] name, @In byte[] value, @size_t long size, int flags);

        @ssize_t
        long fgetxattr(int fd, @In byte[] name, Pointer value, @size_t long size);

        int statx(int directory, @In byte[] name, int flags, int mask, Pointer result);

        int syncfs(int fd);

        int fsync(int fd);

        @ssize_t
        long write(int fd, @In byte[] buffer, @size_t long count);

        long syscall(long number, long directory, @In byte[] path, long mode, long device);

        long syscall(long number, long directory, @In byte[] path, Pointer how, @size_t long size);
    }

    /** openat2(2) of a directory below a root; ".." and symbolic links stay below it. */
    public Fd openDirectory(Fd root, String path) throws KernelException {
        memory.putLong(0, Descriptors.O_DIRECTORY | Descriptors.O_CLOEXEC);
        memory.putLong(8, 0);
        memory.putLong(16, RESOLVE);
        long result = LIBC.syscall(SYS_OPENAT2, root.number(), bytes(path.isEmpty() ? "." : path), memory, 24);
        return new Fd((int) KernelException.check(result, "open directory", shown(path)));
    }

    /** A new file for writing, mode 0600; EEXIST if the name is taken. */
    public Fd createFile(Fd directory, String name) throws KernelException {
        int flags = Descriptors.O_WRONLY
                | Descriptors.O_CREAT
                | Descriptors.O_EXCL
                | Descriptors.O_NOFOLLOW
                | Descriptors.O_CLOEXEC;
        int fd = LIBC.openat(directory.number(), bytes(name), flags, 0600);
        return new Fd(KernelException.check(fd, "create file", shown(name)));
    }

    public void makeDirectory(Fd directory, String name, int mode) throws KernelException {
        KernelException.check(LIBC.mkdirat(directory.number(), bytes(name), mode), "make directory", shown(name));
    }

    /** @param typeAndMode one of the type constants, ored with permissions */
    public void makeNode(Fd directory, String name, int typeAndMode, int major, int minor) throws KernelException {
        // The kernel's own 32-bit form; libc's 64-bit dev_t has another.
        long device = (minor & 0xff) | ((long) (major & 0xfff) << 8) | ((long) (minor & 0xfff00) << 12);
        long result = LIBC.syscall(SYS_MKNODAT, directory.number(), bytes(name), typeAndMode, device);
        KernelException.check(result, "make device node", shown(name));
    }

    public void makeSymbolicLink(Fd directory, String name, String target) throws KernelException {
        int result = LIBC.symlinkat(bytes(target), directory.number(), bytes(name));
        KernelException.check(result, "make symbolic link", shown(name));
    }

    public void makeHardLink(Fd fromDirectory, String from, Fd toDirectory, String to) throws KernelException {
        int result = LIBC.linkat(fromDirectory.number(), bytes(from), toDirectory.number(), bytes(to), 0);
        KernelException.check(result, "make hard link", shown(to));
    }

    public void rename(Fd fromDirectory, String from, Fd toDirectory, String to) throws KernelException {
        int result = LIBC.renameat(fromDirectory.number(), bytes(from), toDirectory.number(), bytes(to));
        KernelException.check(result, "rename", shown(from));
    }

    /** Removes anything but a directory. */
    public void unlink(Fd directory, String name) throws KernelException {
        KernelException.check(LIBC.unlinkat(directory.number(), bytes(name), 0), "remove", shown(name));
    }

    public Optional<Stat> stat(Fd directory, String name) throws KernelException {
        int result = LIBC.statx(directory.number(), bytes(name), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, memory);
        if (result < 0 && Native.errno() == Errno.ENOENT) {
            return Optional.empty();
        }
        KernelException.check(result, "look at", shown(name));
        return Optional.of(stat());
    }

    public Stat stat(Fd fd) throws KernelException {
        int result = LIBC.statx(fd.number(), bytes(""), AT_EMPTY_PATH, STATX_BASIC_STATS, memory);
        KernelException.check(result, "look at", fd.toString());
        return stat();
    }

    private Stat stat() {
        return new Stat(
                memory.getShort(28) & 0xffff,
                Integer.toUnsignedLong(memory.getInt(20)),
                Integer.toUnsignedLong(memory.getInt(24)),
                memory.getLong(112),
                memory.getInt(120),
                memory.getInt(128),
                memory.getInt(132));
    }

    /** Owner first: changing it clears set-id bits and file capabilities. */
    public void chown(Fd directory, String name, long uid, long gid) throws KernelException {
        int result = LIBC.fchownat(directory.number(), bytes(name), (int) uid, (int) gid, AT_SYMLINK_NOFOLLOW);
        KernelException.check(result, "change owner of", shown(name));
    }

    public void chown(Fd fd, long uid, long gid, String shown) throws KernelException {
        int result = LIBC.fchownat(fd.number(), bytes(""), (int) uid, (int) gid, AT_EMPTY_PATH);
        KernelException.check(result, "change owner of", shown);
    }

    public void chmod(Fd fd, int mode, String shown) throws KernelException {
        KernelException.check(LIBC.fchmod(fd.number(), mode), "change mode of", shown);
    }

    /** For a node that was just made here and is no symbolic link; fchmodat(2) would follow one. */
    public void chmod(Fd directory, String name, int mode) throws KernelException {
        KernelException.check(LIBC.fchmodat(directory.number(), bytes(name), mode, 0), "change mode of", shown(name));
    }

    /** Sets access and modification time. */
    public void times(Fd directory, String name, long seconds, int nanos) throws KernelException {
        fillTimes(seconds, nanos);
        int result = LIBC.utimensat(directory.number(), bytes(name), memory, AT_SYMLINK_NOFOLLOW);
        KernelException.check(result, "set times of", shown(name));
    }

    public void times(Fd fd, long seconds, int nanos) throws KernelException {
        fillTimes(seconds, nanos);
        KernelException.check(LIBC.futimens(fd.number(), memory), "set times of", fd.toString());
    }

    private void fillTimes(long seconds, int nanos) {
        for (int i = 0; i < 2; i++) {
            memory.putLong(16L * i, seconds);
            memory.putLong(16L * i + 8, nanos);
        }
    }

    public void setAttribute(Fd fd, String attribute, byte[] value, String shown) throws KernelException {
        int result = LIBC.fsetxattr(fd.number(), bytes(attribute), value, value.length, 0);
        KernelException.check(result, "set attribute " + attribute + " of", shown);
    }

    /** By /proc, since there is no *at call for it before Linux 6.13; the last part of that path is not followed. */
    public void setAttribute(Fd directory, String name, String attribute, byte[] value) throws KernelException {
        String path = "/proc/self/fd/" + directory.number() + "/" + name;
        int result = LIBC.lsetxattr(bytes(path), bytes(attribute), value, value.length, 0);
        KernelException.check(result, "set attribute " + attribute + " of", shown(name));
    }

    /** An extended attribute of at most 256 bytes; empty if there is none. */
    public Optional<byte[]> attribute(Fd fd, String attribute) throws KernelException {
        long count = LIBC.fgetxattr(fd.number(), bytes(attribute), memory, 256);
        if (count < 0 && (Native.errno() == Errno.ENODATA || Native.errno() == Errno.EOPNOTSUPP)) {
            return Optional.empty();
        }
        byte[] value =
                new byte[(int) KernelException.check(count, "read attribute " + attribute + " of", fd.toString())];
        memory.get(0, value, 0, value.length);
        return Optional.of(value);
    }

    /** Writes the first bytes of a buffer. */
    public void write(Fd fd, byte[] buffer, int length, String shown) throws KernelException {
        int done = 0;
        while (done < length) {
            byte[] rest = done == 0 ? buffer : Arrays.copyOfRange(buffer, done, length);
            long count = LIBC.write(fd.number(), rest, length - done);
            if (count < 0 && Native.errno() == Errno.EINTR) {
                continue;
            }
            done += (int) KernelException.check(count, "write", shown);
        }
    }

    /** syncfs(2): everything written to the file system that holds this file reaches the disk; reports write errors. */
    public static void syncFileSystem(Fd fd, String shown) throws KernelException {
        KernelException.check(LIBC.syncfs(fd.number()), "sync the file system of", shown);
    }

    /** fsync(2): what was written to this file, or the names in this directory, reach the disk. */
    public static void sync(Fd fd, String shown) throws KernelException {
        KernelException.check(LIBC.fsync(fd.number()), "sync", shown);
    }

    private static byte[] bytes(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static String shown(String name) {
        return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", "?");
    }
}
