package io.flotilla.agent.kernel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** What an open descriptor, also one opened with O_PATH, refers to. */
public final class Inodes {

    private static final Libc LIBC = Native.bind(Libc.class, "c");
    private static final int LONGEST_LINK = 4096;

    /** Bound by jnr-ffi. */
    public interface Libc {
        @ssize_t
        long readlinkat(int directory, @In String path, @Out byte[] buffer, @size_t long size);

        @ssize_t
        long getxattr(@In String path, @In String name, @Out byte[] value, @size_t long size);
    }

    private Inodes() {}

    /** The content of a symbolic link that was opened with O_PATH and O_NOFOLLOW. */
    public static String readLink(Fd link) throws KernelException {
        byte[] buffer = new byte[LONGEST_LINK];
        long length = KernelException.check(
                LIBC.readlinkat(link.number(), "", buffer, buffer.length), "readlinkat", link.toString());
        return new String(Arrays.copyOf(buffer, (int) length), StandardCharsets.UTF_8);
    }

    /** Whether the extended attribute has this one value; false if it is absent or unsupported. */
    public static boolean hasAttribute(Fd file, String name, String value) {
        byte[] buffer = new byte[64];
        long length = LIBC.getxattr(file.path(), name, buffer, buffer.length);
        return length >= 0 && new String(buffer, 0, (int) length, StandardCharsets.UTF_8).equals(value);
    }
}
