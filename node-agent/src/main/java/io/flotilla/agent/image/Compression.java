package io.flotilla.agent.image;

import com.github.luben.zstd.ZstdInputStream;
import io.flotilla.protocol.archive.ArchiveException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/** Recognises a layer's compression by its first bytes, as the media types in old manifests cannot be relied on. */
final class Compression {

    private static final int BUFFER = 32 << 10;

    private Compression() {}

    /** The uncompressed bytes; several gzip members or zstd frames in a row are one stream. */
    static InputStream open(InputStream compressed) throws IOException {
        KeepsAvailable in = new KeepsAvailable(compressed);
        byte[] magic = in.readNBytes(4);
        in.unread(magic);
        if (startsWith(magic, 0x1f, 0x8b)) {
            return new GZIPInputStream(in, BUFFER);
        }
        if (startsWith(magic, 0x28, 0xb5, 0x2f, 0xfd) || isSkippableFrame(magic)) {
            return new ZstdInputStream(in).setContinuous(false);
        }
        if (startsWith(magic, 0xfd, '7', 'z', 'X') || startsWith(magic, 'B', 'Z', 'h')) {
            throw new ArchiveException("the layer is compressed with xz or bzip2; images use gzip or zstd");
        }
        return in;
    }

    private static boolean startsWith(byte[] bytes, int... wanted) {
        if (bytes.length < wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if ((bytes[i] & 0xff) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSkippableFrame(byte[] magic) {
        return magic.length == 4
                && (magic[0] & 0xf0) == 0x50
                && startsWith(new byte[] {magic[1], magic[2], magic[3]}, 0x2a, 0x4d, 0x18);
    }

    /** Never says 0 while there may be more: GZIPInputStream would take that for the last member's end. */
    private static final class KeepsAvailable extends PushbackInputStream {

        KeepsAvailable(InputStream in) {
            super(in, 4);
        }

        @Override
        public int available() throws IOException {
            return Math.max(1, super.available());
        }
    }
}
