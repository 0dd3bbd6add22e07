package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clean-up of a real store: what it says, what it does, and that it remembers its limit. */
@Tag("kernel")
class CollectorTest {

    @TempDir
    private Path directory;

    private final ChangingNeeds needs = new ChangingNeeds();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private HalfRegistry registry;
    private Images images;
    private Digest first;
    private Digest second;

    @BeforeEach
    void pullTwo() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        registry = new HalfRegistry(List.of(layer("shared", 100_000), layer("one", 50_000)));
        first = registry.digest();
        second = registry.add(List.of(layer("shared", 100_000), layer("two", 20_000)));
        images = open();
        pull(first);
        pull(second);
    }

    @AfterEach
    void close() {
        if (images != null) {
            images.close();
            registry.close();
        }
    }

    private static byte[] layer(String name, int bytes) {
        return new TarMaker().file(name, "x".repeat(bytes)).bytes();
    }

    private Images open() throws IOException {
        InstantSource clock = () -> now;
        return Images.open(
                AgentPaths.open(directory.resolve("data"), directory.resolve("run"), "0badf00d"),
                new RegistryClient(),
                needs,
                clock);
    }

    private void pull(Digest digest) throws IOException {
        now = now.plusSeconds(60);
        images.pull(registry.name(), digest, registry.access(), PullListener.NONE);
    }

    private void use(Digest digest) throws IOException {
        now = now.plusSeconds(60);
        images.hold(digest).orElseThrow().close();
    }

    private void reopen() throws IOException {
        images.close();
        images = open();
    }

    @Test
    void aPreviewTellsExactlyWhatTheCleanUpThenTakes() throws IOException {
        NodeImages preview = images.carryOut(new NodeImages.Request.Clean(130_000, true));
        assertThat(preview.freed()).extracting(NodeImages.Image::digest).containsExactly(first);
        assertThat(preview.freedBytes()).isBetween(50_000L, 55_000L);
        assertThat(preview.images()).hasSize(2);
        assertThat(images.has(first)).isTrue();

        NodeImages done = images.carryOut(new NodeImages.Request.Clean(130_000, false));
        assertThat(done.freed()).isEqualTo(preview.freed());
        assertThat(done.freedBytes()).isEqualTo(preview.freedBytes());
        assertThat(done.bytes()).isEqualTo(preview.bytes() - preview.freedBytes());
        assertThat(done.images()).extracting(NodeImages.Image::digest).containsExactly(second);
        assertThat(images.find(second)).isPresent();
    }

    @Test
    void whatWasUsedLastStaysLongestAlsoOverARestart() throws IOException {
        use(first);
        reopen();
        assertThat(images.carryOut(new NodeImages.Request.Show()).images())
                .extracting(NodeImages.Image::digest)
                .containsExactly(first, second);
        assertThat(images.carryOut(new NodeImages.Request.Clean(160_000, false)).freed())
                .extracting(NodeImages.Image::digest)
                .containsExactly(second);
    }

    @Test
    void theLimitIsKeptAfterEveryPullAndRemembered() throws IOException {
        images.carryOut(new NodeImages.Request.Limit(160_000L));
        assertThat(images.has(first)).as("the older one went at once").isFalse();
        reopen();
        assertThat(images.carryOut(new NodeImages.Request.Show()).limitBytes()).isEqualTo(160_000L);
        pull(first);
        assertThat(images.has(first)).isTrue();
        assertThat(images.has(second)).isFalse();

        needs.images.add(first);
        pull(second);
        assertThat(images.list()).as("both are needed or new").hasSizeLessThanOrEqualTo(2);
        assertThat(images.has(first)).isTrue();

        images.carryOut(new NodeImages.Request.Limit(null));
        pull(second);
        reopen();
        assertThat(images.list()).hasSize(2);
        assertThat(images.carryOut(new NodeImages.Request.Show()).limitBytes()).isNull();
    }

    @Test
    void anImageWhoseConfigWasDamagedOnTheDiskIsForgottenAndMendedByTheNextPull() throws IOException {
        Path blobs = directory.resolve("data/agent/content/blobs");
        try (var files = Files.list(blobs)) {
            for (Path file : files.toList()) {
                Files.writeString(file, "damaged");
            }
        }
        assertThat(images.hold(first)).isEmpty();
        assertThat(images.has(first)).isFalse();
        pull(first);
        assertThat(images.hold(first)).isPresent();
    }
}
