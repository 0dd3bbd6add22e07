package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;

/** A mount that shows a directory with its owners mapped, which not every file system can; see mount_setattr(2). */
public final class MappedMount {

    private static final long SYS_OPEN_TREE = 428;
    private static final long SYS_MOUNT_SETATTR = 442;
    private static final int AT_FDCWD = -100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int OPEN_TREE_CLONE = 1;
    private static final long MOUNT_ATTR_IDMAP = 0x0010_0000;
    private static final int ATTRIBUTE_BYTES = 32;

    private static final Libc LIBC = Native.bind(Libc.class, "c");

    /** Bound by jnr-ffi. */
    public interface Libc {
        long syscall(long number, int directory, @In byte[] path, int flags);

        long syscall(long number, int directory, @In byte[] path, int flags, Pointer attributes, @size_t long size);
    }

    private MappedMount() {}

    /**
     * Makes such a mount of the directory and drops it; it is attached nowhere, so that nobody sees it.
     *
     * @param process owns the user namespace whose map is used, which must not be this host's own
     * @throws KernelException with EINVAL if the file system cannot map ids
     */
    public static void attempt(String directory, long process) throws KernelException {
        byte[] path = (directory + "\0").getBytes(StandardCharsets.UTF_8);
        long made = LIBC.syscall(SYS_OPEN_TREE, AT_FDCWD, path, OPEN_TREE_CLONE | Descriptors.O_CLOEXEC);
        try (Fd mount = new Fd((int) KernelException.check(made, "open_tree", directory));
                Fd namespace = Descriptors.open("/proc/" + process + "/ns/user", Descriptors.O_RDONLY, 0)) {
            Pointer attributes = Native.memory(ATTRIBUTE_BYTES);
            attributes.putLong(0, MOUNT_ATTR_IDMAP);
            attributes.putLong(24, namespace.number());
            long mapped = LIBC.syscall(
                    SYS_MOUNT_SETATTR, mount.number(), new byte[1], AT_EMPTY_PATH, attributes, ATTRIBUTE_BYTES);
            KernelException.check(mapped, "map the ids of", directory);
        }
    }
}
