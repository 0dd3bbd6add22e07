package io.flotilla.agent.kernel;

import io.flotilla.protocol.Digest;
import java.lang.ref.Cleaner;
import java.security.MessageDigest;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * SHA-2 by libcrypto. An agent's JVM has the first of its two compilers only, which knows nothing of the processor's
 * instructions for SHA-2: Java's own digests make some 70 MB a second there, the library more than a thousand.
 */
public final class NativeDigest extends MessageDigest {

    private static final int CHUNK = 64 << 10;
    private static final Cleaner CLEANER = Cleaner.create();

    /** Bound by jnr-ffi; every int result is 1 for success. */
    public interface Libcrypto {
        Pointer EVP_sha256();

        Pointer EVP_sha512();

        Pointer EVP_MD_CTX_new();

        void EVP_MD_CTX_free(Pointer context);

        int EVP_DigestInit_ex(Pointer context, Pointer algorithm, @Nullable Pointer engine);

        int EVP_DigestUpdate(Pointer context, Pointer data, @size_t long length);

        int EVP_DigestFinal_ex(Pointer context, @Out byte[] result, @Nullable Pointer length);
    }

    /** Loaded on first use. */
    private static final class Loaded {
        static final Libcrypto LIBRARY = bind();

        private static Libcrypto bind() {
            try {
                return Native.bind(Libcrypto.class, "libcrypto.so.3");
            } catch (LinkageError e) {
                return Native.bind(Libcrypto.class, "libcrypto.so.1.1");
            }
        }
    }

    private final int length;
    private final Pointer context;
    private final Pointer chunk;

    private NativeDigest(String algorithm, int length) {
        super(algorithm);
        this.length = length;
        Pointer made = Loaded.LIBRARY.EVP_MD_CTX_new();
        if (made == null) {
            throw new IllegalStateException("libcrypto has no memory for a digest");
        }
        this.context = made;
        CLEANER.register(this, () -> Loaded.LIBRARY.EVP_MD_CTX_free(made));
        this.chunk = Native.memory(CHUNK);
        engineReset();
    }

    /** A fresh digester of this digest's algorithm; Java's own on a host without the library. */
    public static MessageDigest of(Digest digest) {
        try {
            return digest.algorithm().equals("sha512")
                    ? new NativeDigest("SHA-512", 64)
                    : new NativeDigest("SHA-256", 32);
        } catch (LinkageError e) {
            return digest.digester();
        }
    }

    @Override
    protected int engineGetDigestLength() {
        return length;
    }

    @Override
    protected void engineUpdate(byte input) {
        engineUpdate(new byte[] {input}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int offset, int count) {
        for (int done = 0; done < count; ) {
            int piece = Math.min(CHUNK, count - done);
            chunk.put(0, input, offset + done, piece);
            require(Loaded.LIBRARY.EVP_DigestUpdate(context, chunk, piece));
            done += piece;
        }
    }

    @Override
    protected byte[] engineDigest() {
        byte[] result = new byte[length];
        require(Loaded.LIBRARY.EVP_DigestFinal_ex(context, result, null));
        engineReset();
        return result;
    }

    @Override
    protected void engineReset() {
        Pointer algorithm = length == 64 ? Loaded.LIBRARY.EVP_sha512() : Loaded.LIBRARY.EVP_sha256();
        require(Loaded.LIBRARY.EVP_DigestInit_ex(context, algorithm, null));
    }

    private static void require(int success) {
        if (success != 1) {
            throw new IllegalStateException("libcrypto does not hash");
        }
    }
}
