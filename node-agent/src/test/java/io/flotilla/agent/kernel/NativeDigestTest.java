package io.flotilla.agent.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.Digest;
import java.security.MessageDigest;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NativeDigestTest {

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void findsWhatJavaFindsHoweverTheBytesComeAndCanBeUsedAgain(long seed) {
        Random random = new Random(seed);
        for (String algorithm : new String[] {"sha256:" + "0".repeat(64), "sha512:" + "0".repeat(128)}) {
            Digest kind = new Digest(algorithm);
            MessageDigest ours = NativeDigest.of(kind);
            assertThat(ours).isInstanceOf(NativeDigest.class);
            for (int round = 0; round < 2; round++) {
                MessageDigest theirs = kind.digester();
                for (int piece = random.nextInt(5); piece > 0; piece--) {
                    byte[] bytes = new byte[random.nextInt(200_000)];
                    random.nextBytes(bytes);
                    int offset = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
                    ours.update(bytes, offset, bytes.length - offset);
                    theirs.update(bytes, offset, bytes.length - offset);
                    ours.update((byte) piece);
                    theirs.update((byte) piece);
                }
                assertThat(Digest.of(ours)).isEqualTo(Digest.of(theirs));
            }
        }
    }
}
