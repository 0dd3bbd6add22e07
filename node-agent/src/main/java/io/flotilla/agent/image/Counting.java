package io.flotilla.agent.image;

import io.flotilla.protocol.archive.ArchiveException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Counts and optionally hashes what passes; ends with an error at a limit or when the thread is interrupted. */
final class Counting extends FilterInputStream {

    private final @Nullable MessageDigest digester;
    private final long limit;
    private final LongConsumer listener;
    private long count;

    Counting(InputStream in, @Nullable MessageDigest digester, long limit, LongConsumer listener) {
        super(in);
        this.digester = digester;
        this.limit = limit;
        this.listener = listener;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the pull was given up");
        }
        int read = in.read(target, offset, length);
        if (read > 0) {
            count += read;
            if (count > limit) {
                throw new ArchiveException("the layer unpacks to more than " + limit + " bytes");
            }
            if (digester != null) {
                digester.update(target, offset, read);
            }
            listener.accept(count);
        }
        return read;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[(int) Math.clamp(n, 1L, 32L << 10)];
        return n <= 0 ? 0 : Math.max(0, read(buffer, 0, (int) Math.min(n, buffer.length)));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /** Reads to the end, so that everything has been counted and hashed. */
    void drain() throws IOException {
        byte[] buffer = new byte[32 << 10];
        int read;
        do {
            read = read(buffer, 0, buffer.length);
        } while (read >= 0);
    }
}
