package io.flotilla.controlplane.recording;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One recording's file while it grows. Never throws for its caller's sake: a terminal goes on when its recording cannot.
 * Holds whole lines only, and knows the hash of what it has written without reading it again.
 */
final class CastFile {

    /**
     * What stands in a file at the end.
     *
     * @param sha256 null if there is no file
     * @param flaw why something is missing from it, null if nothing is
     */
    record Kept(
            long bytes, @Nullable String sha256, @Nullable String flaw) {

        static final String NO_FILE = "there is no file";
    }

    private static final int BUFFER = 64 * 1024;
    /** Room for the marker that says that the limit was reached. */
    private static final int RESERVE = 256;

    private final long limit;
    private final LongSupplier nanos;
    private final long start;
    private final boolean made;
    private final Asciicast cast = new Asciicast();
    private final MessageDigest digest = sha256();
    private @Nullable FileChannel channel;
    private @Nullable String flaw;
    private boolean full;
    private long written;

    /**
     * What is written to an open file, or is not because there is none.
     *
     * @param nanos the monotonic clock
     */
    CastFile(@Nullable FileChannel channel, @Nullable String flaw, byte[] header, long limit, LongSupplier nanos) {
        this.channel = channel;
        made = channel != null;
        this.flaw = flaw;
        this.limit = limit;
        this.nanos = nanos;
        start = nanos.getAsLong();
        append(header);
    }

    /** A new file that only its owner may read. */
    static CastFile create(Path file, byte[] header, long limit, LongSupplier nanos) {
        try {
            FileChannel made = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return new CastFile(made, null, header, limit, nanos);
        } catch (IOException e) {
            return new CastFile(null, "the file could not be made: " + e.getMessage(), header, limit, nanos);
        }
    }

    synchronized void output(byte[] bytes) {
        byte[] line = channel == null || full ? null : cast.output(now(), bytes);
        if (line != null) {
            add(line);
        }
    }

    synchronized void resize(int columns, int rows) {
        add(Asciicast.resize(now(), columns, rows));
    }

    private void add(byte[] line) {
        if (full || channel == null) {
            return;
        }
        if (written + line.length > limit - RESERVE) {
            full = true;
            String why = "truncated at the limit of " + limit + " bytes";
            append(Asciicast.marker(now(), why));
            flaw = flaw == null ? why : flaw;
        } else {
            append(line);
        }
    }

    private long now() {
        return nanos.getAsLong() - start;
    }

    private void append(byte[] line) {
        FileChannel to = channel;
        if (to == null) {
            return;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(line);
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            digest.update(line);
            written += line.length;
        } catch (IOException e) {
            flaw = "incomplete, the file could not be written: " + e.getMessage();
            shut(to);
        }
    }

    /** Cuts to whole lines, which works on a full disk, too. */
    private void shut(FileChannel to) {
        channel = null;
        try (to) {
            to.truncate(written);
            to.force(true);
        } catch (IOException e) {
            flaw = flaw == null ? "the end may be missing, the disk failed: " + e.getMessage() : flaw;
        }
    }

    /** Nothing is written after this. */
    synchronized Kept close() {
        FileChannel to = channel;
        if (to != null) {
            shut(to);
        }
        return new Kept(written, made ? HexFormat.of().formatHex(digest.digest()) : null, flaw);
    }

    /** Cuts a file that was left in mid-line to its last whole line, and says what it holds. */
    static Kept salvage(Path file, String flaw) throws IOException {
        try (FileChannel left = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            left.truncate(wholeLines(left));
            left.force(true);
        } catch (NoSuchFileException e) {
            return new Kept(0, null, flaw + "; " + Kept.NO_FILE);
        }
        return new Kept(Files.size(file), hash(file), flaw);
    }

    private static long wholeLines(FileChannel file) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(BUFFER);
        long end = file.size();
        while (end > 0) {
            long from = Math.max(0, end - BUFFER);
            piece.clear().limit((int) (end - from));
            while (piece.hasRemaining() && file.read(piece, from + piece.position()) >= 0) {}
            for (int i = piece.position() - 1; i >= 0; i--) {
                if (piece.get(i) == '\n') {
                    return from + i + 1;
                }
            }
            end = from;
        }
        return 0;
    }

    /** Lower-case hex. */
    static String hash(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
