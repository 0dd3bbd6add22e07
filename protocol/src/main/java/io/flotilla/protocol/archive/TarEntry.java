package io.flotilla.protocol.archive;

import io.flotilla.protocol.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The header of one member of a tar archive.
 *
 * <p>Names are bytes to Linux, not text: {@code name} and {@code link} hold one byte per char (ISO 8859-1), so that any
 * name survives. {@link #text} turns them into something to be shown.
 *
 * @param name as in the archive, never trusted: may be absolute or contain ".."
 * @param link what a hard or symbolic link points to, else empty
 * @param mode permission bits with set-id and sticky bits, 0 to 07777
 * @param size bytes of content; 0 for everything but files
 * @param mtimeSeconds seconds since 1970, with {@code mtimeNanos} 0 to 999,999,999
 * @param xattrs names with their namespace, such as {@code security.capability}
 */
public record TarEntry(
        String name,
        Kind kind,
        String link,
        int mode,
        long uid,
        long gid,
        long size,
        long mtimeSeconds,
        int mtimeNanos,
        int deviceMajor,
        int deviceMinor,
        Map<String, Bytes> xattrs) {

    /** The kinds of members. */
    public enum Kind {
        FILE,
        HARD_LINK,
        SYMBOLIC_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        DIRECTORY,
        FIFO
    }

    public TarEntry {
        xattrs = Map.copyOf(xattrs);
    }

    /** The name for a message: decoded as UTF-8, control characters replaced, shortened. */
    public String shown() {
        return text(name);
    }

    /** A name of bytes for a message. */
    public static String text(String bytes) {
        String text = new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}", "?");
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }
}
