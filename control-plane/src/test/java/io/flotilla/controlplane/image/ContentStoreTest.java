package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.Descriptor;
import io.flotilla.protocol.registry.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content is there as a whole and under its true name, or not at all. */
class ContentStoreTest {

    private static final byte[] LAYER = "a layer".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    private static final Descriptor EXPECTED = new Descriptor(MediaTypes.LAYER, Digest.sha256(LAYER), LAYER.length);

    @TempDir
    private Path data;

    private ContentStore store;

    @BeforeEach
    void open() {
        store = new ContentStore(new Settings(data, 0, 0, null, null, null, null));
    }

    private List<Path> files(String directory) throws IOException {
        try (Stream<Path> files =
                Files.list(data.resolve("control-plane/content").resolve(directory))) {
            return files.toList();
        }
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(files("blobs")).isEmpty();
        assertThat(files("incoming")).isEmpty();
    }

    @Test
    void keepsWhatHasTheDigestThatItShouldHave() throws IOException {
        assertThat(store.put(new ByteArrayInputStream(LAYER), EXPECTED, "it")).isEqualTo(EXPECTED.digest());
        assertThat(store.file(EXPECTED.digest())).hasBinaryContent(LAYER);
        assertThat(store.all()).containsExactly(EXPECTED.digest());
        assertThat(files("incoming")).isEmpty();
    }

    @Test
    void refusesOtherContentOfTheSameLengthAndNamesBothDigests() throws IOException {
        byte[] other = LAYER.clone();
        other[0] ^= 1;
        assertThatThrownBy(() -> store.put(new ByteArrayInputStream(other), EXPECTED, "layer 1"))
                .isInstanceOf(BadDigestException.class)
                .hasMessageContaining("layer 1 should be " + EXPECTED.digest())
                .hasMessageContaining("but is " + Digest.sha256(other));
        assertNothingIsLeft();
    }

    @Test
    void refusesTheRightDigestUnderAWrongLength() throws IOException {
        Descriptor longer = new Descriptor(MediaTypes.LAYER, EXPECTED.digest(), LAYER.length + 1);
        assertThatThrownBy(() -> store.put(new ByteArrayInputStream(LAYER), longer, "it"))
                .isInstanceOf(BadDigestException.class)
                .hasMessageContaining("of 8 bytes, but is")
                .hasMessageContaining("of 7 bytes");
        assertNothingIsLeft();
    }

    @Test
    void contentThatBreaksOffIsNeverThere() throws IOException {
        InputStream broken = new FilterInputStream(new ByteArrayInputStream(LAYER)) {
            private boolean begun;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                assertThat(store.has(EXPECTED.digest())).isFalse();
                if (begun) {
                    throw new IOException("the cable was pulled");
                }
                begun = true;
                return super.read(target, offset, 3);
            }
        };
        assertThatThrownBy(() -> store.put(broken, EXPECTED, "it")).hasMessage("the cable was pulled");
        assertNothingIsLeft();
    }

    @Test
    void forgetsWhatACrashLeftOnItsWay() throws IOException {
        store.put(new ByteArrayInputStream(LAYER), EXPECTED, "it");
        Files.writeString(store.incomingFile(), "half of a lay");
        open();
        assertThat(files("incoming")).isEmpty();
        assertThat(store.all()).containsExactly(EXPECTED.digest());
    }

    @Test
    void takesTheSameContentManyTimesAtOnce() throws Exception {
        List<Future<Digest>> puts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 32; i++) {
                puts.add(threads.submit(() -> store.put(new ByteArrayInputStream(LAYER), EXPECTED, "it")));
            }
        }
        for (Future<Digest> put : puts) {
            assertThat(put.get()).isEqualTo(EXPECTED.digest());
        }
        assertThat(store.file(EXPECTED.digest())).hasBinaryContent(LAYER);
        assertThat(files("blobs")).hasSize(1);
        assertThat(files("incoming")).isEmpty();
    }
}
