package io.flotilla.protocol.registry;

import io.flotilla.protocol.Digest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/**
 * Passes content on while hashing it, and fails at the end, instead of ending, when length or digest are not those of the
 * descriptor. Whoever stops before the end has verified nothing.
 */
public final class VerifiedStream extends FilterInputStream {

    private static final long LONGEST_REST = 64 << 20;

    private final Descriptor descriptor;
    private final String subject;
    private final MessageDigest digester;
    private long count;
    private boolean verified;
    private LongConsumer progress = count -> {};

    /** @param subject what messages call the content, such as {@code layer 2 of debian:12} */
    public VerifiedStream(InputStream in, Descriptor descriptor, String subject) {
        this(in, descriptor, subject, Hashing.JAVA);
    }

    /** As above, hashed as it is told. */
    public VerifiedStream(InputStream in, Descriptor descriptor, String subject, Hashing hashing) {
        super(in);
        this.descriptor = descriptor;
        this.subject = subject;
        this.digester = hashing.digester(descriptor.digest());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = in.read(target, offset, length);
        if (read < 0) {
            verify();
            return -1;
        }
        count += read;
        if (count > descriptor.size()) {
            throw new BadDigestException(
                    subject + " is longer than the " + descriptor.size() + " bytes that its manifest names");
        }
        digester.update(target, offset, read);
        progress.accept(count);
        return read;
    }

    /** Has the listener told, in the reading thread, how many bytes have passed. */
    public void onProgress(LongConsumer listener) {
        progress = listener;
    }

    private void verify() throws BadDigestException {
        if (verified) {
            return;
        }
        if (count != descriptor.size()) {
            throw new BadDigestException(subject + " has " + count + " bytes, its manifest names " + descriptor.size());
        }
        Digest found = Digest.of(digester);
        if (!found.equals(descriptor.digest())) {
            throw new BadDigestException(
                    subject + " should have the digest " + descriptor.digest() + " but what came has " + found);
        }
        verified = true;
    }

    /** Reads and discards what is left, so that the digest of the whole is checked. */
    public void verifyRest() throws IOException {
        byte[] buffer = new byte[16 << 10];
        int count;
        do {
            count = read(buffer, 0, buffer.length);
        } while (count >= 0);
    }

    /**
     * Finds the true cause of a failure to make sense of the content: reads the rest, if it is not too long, to see whether
     * the content is the right one at all.
     *
     * @return the failure itself if the content is right or too long to be looked at
     */
    public IOException blame(IOException failure) {
        if (descriptor.size() - count <= LONGEST_REST) {
            try {
                verifyRest();
            } catch (IOException cause) {
                cause.addSuppressed(failure);
                return cause;
            }
        }
        return failure;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[Math.clamp(n, 1, 16 << 10)];
        return n <= 0 ? 0 : Math.max(0, read(buffer, 0, (int) Math.min(n, buffer.length)));
    }

    /** At least one until the end: a gzip reader takes zero to mean that no further member follows. */
    @Override
    public int available() throws IOException {
        return verified ? 0 : Math.max(1, in.available());
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
