package io.flotilla.protocol.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive member by member: ustar, pax extended headers and GNU long names (POSIX.1-2017 pax, GNU tar manual),
 * which is what image layers are made of. Holds one header at a time, of at most {@value #LONGEST_HEADER} bytes with all its
 * extensions. Sparse members are refused, as the OCI image specification allows (layer.md).
 */
public final class TarReader {

    /** More than any tool writes: names are at most 4 KiB and extended attributes 64 KiB. */
    static final int LONGEST_HEADER = 1 << 20;

    private static final int BLOCK = 512;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private final InputStream content = new Content();
    private long left;
    private int padding;
    private boolean ended;

    public TarReader(InputStream in) {
        this.in = in;
    }

    /** The next member, or null at the end; what was left unread of the last one is skipped. */
    public @Nullable TarEntry next() throws IOException {
        skip(left);
        left = 0;
        // Some writers leave out the padding of the last member, as they may leave out the blocks of zeros after it.
        ended |= in.readNBytes(padding).length < padding;
        padding = 0;
        PaxRecords pax = new PaxRecords();
        while (!ended && readBlock()) {
            if (isZero()) {
                ended = true;
                return null;
            }
            TarHeader header = new TarHeader(block);
            switch (header.flag()) {
                case 'x', 'X' -> pax.read(extension(header));
                case 'g' -> skip(padded(header.size()));
                case 'L' -> pax.name(cString(extension(header)));
                case 'K' -> pax.link(cString(extension(header)));
                case 'V' -> skip(padded(header.size()));
                default -> {
                    TarEntry entry = header.entry(pax);
                    left = entry.size();
                    padding = (int) (padded(left) - left);
                    return entry;
                }
            }
        }
        ended = true;
        return null;
    }

    /** The content of the current member; valid until the next call of {@link #next}. */
    public InputStream content() {
        return content;
    }

    private byte[] extension(TarHeader header) throws IOException {
        long size = header.size();
        if (size > LONGEST_HEADER) {
            throw new ArchiveException("the archive has an extended header of " + size + " bytes; at most "
                    + LONGEST_HEADER + " are read");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new ArchiveException("the archive ends in the middle of an extended header");
        }
        skip(padded(size) - size);
        return bytes;
    }

    private static String cString(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
    }

    private static long padded(long size) throws ArchiveException {
        if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
            throw new ArchiveException("the archive has a member of " + size + " bytes");
        }
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private boolean readBlock() throws IOException {
        int count = in.readNBytes(block, 0, BLOCK);
        if (count != 0 && count != BLOCK) {
            throw new ArchiveException("the archive ends in the middle of a header");
        }
        return count == BLOCK;
    }

    private boolean isZero() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private void skip(long count) throws IOException {
        try {
            in.skipNBytes(count);
        } catch (java.io.EOFException e) {
            throw new ArchiveException("the archive ends in the middle of a member");
        }
    }

    private final class Content extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = in.read(target, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw new ArchiveException("the archive ends in the middle of a member");
            }
            left -= count;
            return count;
        }
    }
}
