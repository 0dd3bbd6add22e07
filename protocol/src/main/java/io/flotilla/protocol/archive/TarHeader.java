package io.flotilla.protocol.archive;

import io.flotilla.protocol.archive.TarEntry.Kind;
import java.nio.charset.StandardCharsets;

/** One block of 512 bytes as a header: ustar, or the older forms that differ in what they leave zero. */
final class TarHeader {

    private static final int MODE_BITS = 07777;

    private final byte[] block;

    TarHeader(byte[] block) throws ArchiveException {
        this.block = block;
        requireChecksum();
    }

    /** POSIX sums unsigned bytes; some old tools summed signed ones. */
    private void requireChecksum() throws ArchiveException {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < block.length; i++) {
            byte value = i >= 148 && i < 156 ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        long stored;
        try {
            stored = number(148, 8, "checksum");
        } catch (ArchiveException e) {
            stored = -1;
        }
        if (stored != unsigned && stored != signed) {
            throw new ArchiveException("the archive has a damaged header (or is no tar archive)");
        }
    }

    char flag() {
        return (char) (block[156] & 0xff);
    }

    long size() throws ArchiveException {
        long size = number(124, 12, "size");
        if (size < 0) {
            throw new ArchiveException("the archive has a member of " + size + " bytes");
        }
        return size;
    }

    TarEntry entry(PaxRecords pax) throws ArchiveException {
        String name = pax.name().orElseGet(this::ustarName);
        if (pax.isSparse() || flag() == 'S') {
            throw new ArchiveException("archive member \"" + TarEntry.text(name)
                    + "\" is a sparse file, which image layers may not contain (OCI image specification, layer.md)");
        }
        Kind kind = kind(name);
        long size = kind == Kind.FILE ? pax.size().isPresent() ? pax.size().getAsLong() : size() : 0;
        requireNoNul(name);
        String link = pax.link().orElseGet(() -> text(157, 100));
        requireNoNul(link);
        boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
        return new TarEntry(
                name,
                kind,
                kind == Kind.HARD_LINK || kind == Kind.SYMBOLIC_LINK ? link : "",
                (int) number(100, 8, "mode") & MODE_BITS,
                id(pax.uid().isPresent() ? pax.uid().getAsLong() : number(108, 8, "uid"), name),
                id(pax.gid().isPresent() ? pax.gid().getAsLong() : number(116, 8, "gid"), name),
                size,
                pax.mtimeSeconds().isPresent() ? pax.mtimeSeconds().getAsLong() : number(136, 12, "mtime"),
                pax.mtimeNanos(),
                device ? (int) number(329, 8, "device") : 0,
                device ? (int) number(337, 8, "device") : 0,
                pax.xattrs());
    }

    private Kind kind(String name) throws ArchiveException {
        return switch (flag()) {
            case '0', '7' -> Kind.FILE;
            case 0 -> name.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '3' -> Kind.CHARACTER_DEVICE;
            case '4' -> Kind.BLOCK_DEVICE;
            case '5' -> Kind.DIRECTORY;
            case '6' -> Kind.FIFO;
            default ->
                throw new ArchiveException(
                        "archive member \"" + TarEntry.text(name) + "\" is of the unknown type " + (int) flag());
        };
    }

    /** The highest id is no id: chown(2) takes it for "leave as it is". */
    private static long id(long id, String name) throws ArchiveException {
        if (id < 0 || id >= 0xffffffffL) {
            throw new ArchiveException("archive member \"" + TarEntry.text(name) + "\" has the owner " + id);
        }
        return id;
    }

    private static void requireNoNul(String name) throws ArchiveException {
        if (name.indexOf('\0') >= 0) {
            throw new ArchiveException("archive member \"" + TarEntry.text(name) + "\" has a zero byte in its name");
        }
    }

    private String ustarName() {
        String name = text(0, 100);
        boolean posix = text(257, 6).equals("ustar") && block[263] == '0';
        String prefix = posix ? text(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private String text(int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return new String(block, offset, end - offset, StandardCharsets.ISO_8859_1);
    }

    /** Octal digits, or with the high bit set a big-endian number in two's complement (GNU, base 256). */
    private long number(int offset, int length, String field) throws ArchiveException {
        if ((block[offset] & 0x80) != 0) {
            return binary(offset, length, field);
        }
        String digits = text(offset, length).strip();
        if (digits.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new ArchiveException("the archive has a header whose " + field + " is no number");
        }
    }

    private long binary(int offset, int length, String field) throws ArchiveException {
        boolean negative = (block[offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int octet = i == 0 ? (block[offset] & 0x3f) | (negative ? 0xc0 : 0) : block[offset + i] & 0xff;
            if ((value >> 55) != (negative ? -1 : 0)) {
                throw new ArchiveException("the archive has a header whose " + field + " is beyond 63 bits");
            }
            value = (value << 8) | octet;
        }
        return value;
    }
}
