package io.flotilla.agent.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.image.DebianRegistry;
import io.flotilla.agent.image.Images;
import io.flotilla.agent.image.Needs;
import io.flotilla.agent.reconcile.FailedStepException;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.registry.Login;
import io.flotilla.protocol.registry.Manifest;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.RemoteRepository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which a pull from a real registry can fail: what people are told, and whether it is tried again. */
@Tag("kernel")
class PullsTest {

    private static final RegistryAccess NOBODY = RegistryAccess.anonymous();

    @TempDir
    private static Path shared;

    private static Path layout;
    private static @Nullable DebianRegistry open;
    private static @Nullable DebianRegistry guarded;

    @TempDir
    private Path directory;

    private AgentPaths paths;
    private Images images;

    @BeforeAll
    static void serve() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        DebianRegistry.requireTools("umoci", "skopeo", "docker-registry");
        layout = shared.resolve("layout");
        DebianRegistry.run(List.of("umoci", "init", "--layout", layout.toString()));
        DebianRegistry.run(List.of("umoci", "new", "--image", layout + ":good"));
        Path file = Files.writeString(shared.resolve("file"), "content");
        DebianRegistry.run(List.of("umoci", "insert", "--image", layout + ":good", file.toString(), "/file"));
        DebianRegistry.run(
                List.of("umoci", "config", "--image", layout + ":good", "--tag", "alien", "--architecture", "s390x"));
        open = new DebianRegistry(Files.createDirectory(shared.resolve("open")));
        guarded = new DebianRegistry(Files.createDirectory(shared.resolve("guarded")), true);
        guarded.push(layout, "good", "real:t");
    }

    @AfterAll
    static void end() {
        for (DebianRegistry registry : new DebianRegistry[] {open, guarded}) {
            if (registry != null) {
                registry.close();
            }
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        paths = AgentPaths.open(directory.resolve("data"), directory.resolve("run"), "0badf00d");
        images = Images.open(paths, new RegistryClient(), Needs.NONE, InstantSource.system());
    }

    @AfterEach
    void close() {
        images.close();
    }

    private static DebianRegistry open() {
        return Objects.requireNonNull(open);
    }

    private static DebianRegistry guarded() {
        return Objects.requireNonNull(guarded);
    }

    private static ImageName name(DebianRegistry registry) {
        return ImageName.parse(registry.authority() + "/real:t");
    }

    private static RemoteRepository.Fetched resolve(DebianRegistry registry, RegistryAccess access) throws IOException {
        try (RegistryClient client = new RegistryClient()) {
            return client.open(name(registry), access).resolve();
        }
    }

    private void pull(ImageName name, Digest digest, Pulls.Way way) throws FailedStepException, InterruptedException {
        new Pulls(images, (allocation, image) -> way, progress -> {}).pull(UUID.randomUUID(), name, digest);
    }

    /** The failure of a pull that has left nothing behind. */
    private FailedStepException failure(ImageName name, Digest digest, Pulls.Way way) throws IOException {
        FailedStepException failure = catchThrowableOfType(FailedStepException.class, () -> pull(name, digest, way));
        assertThat(failure).as("the pull fails and names the image").isNotNull().hasMessageContaining(name.familiar());
        assertThat(images.list()).isEmpty();
        for (Path place : List.of(
                paths.snapshots().resolve("unpack"),
                paths.snapshots().resolve("layers"),
                paths.content().resolve("blobs"))) {
            try (Stream<Path> left = Files.list(place)) {
                assertThat(left).isEmpty();
            }
        }
        return failure;
    }

    @Test
    void triesAgainWhenTheRegistryIsAway() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        FailedStepException failure = failure(
                ImageName.parse("127.0.0.1:" + free + "/real:t"),
                Digest.sha256(new byte[0]),
                new Pulls.Way(NOBODY, true));
        assertThat(failure).hasMessageContaining("is away: connection refused");
        assertThat(failure.lasting()).isFalse();
    }

    @Test
    void givesUpOnAManifestThatTheRegistryDoesNotHave() throws IOException {
        open().push(layout, "good", "real:t");
        FailedStepException failure = failure(
                name(open()),
                Digest.sha256("no such manifest".getBytes(StandardCharsets.UTF_8)),
                new Pulls.Way(NOBODY, true));
        assertThat(failure).hasMessageContaining("is unknown to registry " + open().authority());
        assertThat(failure.lasting()).isTrue();
    }

    @Test
    void givesUpOnAnImageForAnotherMachine() throws IOException {
        open().push(layout, "alien", "real:t");
        Digest digest = resolve(open(), NOBODY).descriptor().digest();
        FailedStepException failure = failure(name(open()), digest, new Pulls.Way(NOBODY, true));
        assertThat(failure).hasMessageContaining("is for linux/s390x, this machine is linux/");
        assertThat(failure.lasting()).isTrue();
    }

    @Test
    void givesUpOnALayerThatIsNotWhatItsDigestSays() throws Exception {
        open().push(layout, "good", "real:t");
        RemoteRepository.Fetched found = resolve(open(), NOBODY);
        Digest digest = found.descriptor().digest();
        Digest layer = ((Manifest) found.document()).layers().getFirst().digest();
        byte[] bytes = Files.readAllBytes(open().blob(layer));
        byte[] changed = bytes.clone();
        changed[changed.length / 2] ^= 1;
        Files.write(open().blob(layer), changed);
        FailedStepException failure = failure(name(open()), digest, new Pulls.Way(NOBODY, true));
        assertThat(failure).hasMessageContaining("layer 1 of 1").hasMessageContaining(layer.value());
        assertThat(failure.lasting()).isTrue();
        Files.write(open().blob(layer), bytes);
        pull(name(open()), digest, new Pulls.Way(NOBODY, true));
        assertThat(images.find(digest)).isPresent();
    }

    @Test
    void logsInWithUserAndPasswordAndSaysWhenTheyAreMissingOrWrong() throws Exception {
        RegistryAccess right = RegistryAccess.of(new Login.Basic(DebianRegistry.USER, DebianRegistry.PASSWORD));
        Digest digest = resolve(guarded(), right).descriptor().digest();

        FailedStepException missing = failure(name(guarded()), digest, new Pulls.Way(NOBODY, true));
        assertThat(missing).hasMessageContaining("registry " + guarded().authority() + " wants a login");
        assertThat(missing.lasting()).isTrue();

        RegistryAccess bad = RegistryAccess.of(new Login.Basic(DebianRegistry.USER, "guess"));
        FailedStepException wrong = failure(name(guarded()), digest, new Pulls.Way(bad, true));
        assertThat(wrong).hasMessageContaining("does not let this login in");
        assertThat(wrong.lasting()).isTrue();

        pull(name(guarded()), digest, new Pulls.Way(right, true));
        assertThat(images.find(digest)).isPresent();
    }

    @Test
    void triesAgainWhenNobodyCouldBeAskedForALogin() throws IOException {
        Digest any = Digest.sha256(new byte[0]);
        FailedStepException failure = failure(name(guarded()), any, new Pulls.Way(NOBODY, false));
        assertThat(failure)
                .hasMessageContaining("wants a login")
                .hasMessageEndingWith("; the control plane, which may know a login, did not answer");
        assertThat(failure.lasting()).isFalse();
    }
}
