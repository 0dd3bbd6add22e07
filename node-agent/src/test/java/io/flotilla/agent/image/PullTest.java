package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.snapshot.Snapshot;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.BadDigestException;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryClient;
import io.flotilla.protocol.registry.WrongPlatformException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls that are killed, refused, repeated and shared. */
@Tag("kernel")
class PullTest {

    private static final long DEADLINE_NANOS = 60_000_000_000L;

    @TempDir
    private Path directory;

    private final ChangingNeeds needs = new ChangingNeeds();
    private AgentPaths paths;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        paths = paths(directory);
    }

    private static AgentPaths paths(Path directory) throws IOException {
        return AgentPaths.open(directory.resolve("data"), directory.resolve("run"), "0badf00d");
    }

    private static List<byte[]> layers() {
        TarMaker large = new TarMaker().directory("usr");
        for (int i = 0; i < 40; i++) {
            large.file("usr/file" + i, String.valueOf(i).repeat(5000));
        }
        return List.of(
                large.bytes(),
                new TarMaker()
                        .file("usr/.wh.file1", "")
                        .file("usr/file2", "new")
                        .bytes());
    }

    private Images open() throws IOException {
        return Images.open(paths, new RegistryClient(), needs, InstantSource.system());
    }

    private NodeImages clean(Images images) throws IOException {
        return images.carryOut(new NodeImages.Request.Clean(0, false));
    }

    private static LocalImage pull(Images images, HalfRegistry registry) throws IOException {
        return images.pull(registry.name(), registry.digest(), registry.access(), PullListener.NONE);
    }

    private static long count(Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.count();
        }
    }

    /** What a killed agent was: pulls the image named by its arguments into the directory named by the first. */
    static final class Victim {

        private Victim() {}

        public static void main(String[] arguments) throws IOException {
            try (Images images = Images.open(
                    paths(Path.of(arguments[0])), new RegistryClient(), Needs.NONE, InstantSource.system())) {
                ImageName name = ImageName.parse(arguments[1]);
                images.pull(name, new Digest(arguments[2]), HalfRegistry.access(name), PullListener.NONE);
            }
        }
    }

    @Test
    void aKilledPullLeavesNothingHalfUnpackedAndCanBeRepeatedAtOnce() throws Exception {
        try (HalfRegistry registry = new HalfRegistry(layers())) {
            CountDownLatch config = new CountDownLatch(1);
            registry.secondHalf = config;
            Process victim = victim(registry);
            try {
                await(() -> registry.blobRequests.get() == 1, victim);
                registry.secondHalf = new CountDownLatch(1);
                config.countDown();
                await(this::anyUnpackedFile, victim);
            } finally {
                victim.destroyForcibly().waitFor();
            }
            registry.secondHalf.countDown();
            assertThat(count(paths.snapshots().resolve("unpack"))).isPositive();
            try (Images images = open()) {
                assertThat(count(paths.snapshots().resolve("unpack"))).isZero();
                assertThat(images.find(registry.digest())).isEmpty();
                LocalImage image = pull(images, registry);
                assertThat(image.layers()).hasSize(2);
                assertThat(image.layers().getFirst().resolve("usr/file39")).hasContent("39".repeat(5000));
                assertThat(images.find(registry.digest())).contains(image);
            }
        }
    }

    private boolean anyUnpackedFile() throws IOException {
        try (Stream<Path> files = Files.walk(paths.snapshots().resolve("unpack"))) {
            return files.anyMatch(f -> f.endsWith("file5"));
        } catch (java.io.UncheckedIOException e) {
            return false;
        }
    }

    private Process victim(HalfRegistry registry) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Victim.class.getName(),
                        directory.toString(),
                        registry.name().canonical(),
                        registry.digest().value())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("victim.log").toFile())
                .start();
    }

    private void await(Callable<Boolean> condition, Process victim) throws Exception {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.call()) {
            assertThat(victim.isAlive())
                    .as(Files.readString(directory.resolve("victim.log")))
                    .isTrue();
            assertThat(System.nanoTime()).as("the condition is met in time").isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Test
    void aBadLayerFailsThePullAndTheGoodOneIsNotFetchedAgain() throws IOException {
        List<byte[]> layers = layers();
        try (HalfRegistry registry = new HalfRegistry(layers);
                Images images = open()) {
            Digest bad = Digest.sha256(layers.get(1));
            byte[] changed = layers.get(1).clone();
            changed[600] ^= 1;
            registry.blobs.put(bad, changed);
            assertThatThrownBy(() -> pull(images, registry))
                    .isInstanceOf(BadDigestException.class)
                    .hasMessageContaining("layer 2 of 2");
            assertThat(images.list()).isEmpty();
            assertThat(count(paths.snapshots().resolve("unpack"))).isZero();
            registry.blobs.put(bad, layers.get(1));
            assertThat(pull(images, registry).layers()).hasSize(2);
        }
    }

    @Test
    void refusesAnImageForAnotherMachineBeforeAnyLayerIsFetched() throws IOException {
        try (HalfRegistry registry = new HalfRegistry(layers());
                Images images = Images.open(
                        paths,
                        new Platform("linux", "s390x", null),
                        UnpackLimits.USUAL,
                        new RegistryClient(),
                        Needs.NONE,
                        InstantSource.system())) {
            assertThatThrownBy(() -> pull(images, registry)).isInstanceOf(WrongPlatformException.class);
            assertThat(registry.blobRequests).hasValue(1);
            assertThat(count(paths.snapshots().resolve("layers"))).isZero();
        }
    }

    @Test
    void callersAtTheSameTimeShareOnePull() throws IOException, InterruptedException, ExecutionException {
        try (HalfRegistry registry = new HalfRegistry(layers());
                Images images = open();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<LocalImage>> results = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                results.add(callers.submit(() -> pull(images, registry)));
            }
            for (Future<LocalImage> result : results) {
                assertThat(result.get()).isEqualTo(results.getFirst().get());
            }
            assertThat(registry.blobRequests).hasValue(3);
        }
    }

    @Test
    void aRemovedImageTakesItsLayersUnlessAContainerStandsOnThem() throws IOException {
        try (HalfRegistry registry = new HalfRegistry(layers());
                Images images = open()) {
            LocalImage image = pull(images, registry);
            Snapshots snapshots = Snapshots.open(paths);
            Snapshot snapshot = snapshots.prepare("alloc-1", image, 100_000, 200_000);
            assertThat(Files.getAttribute(snapshot.upper(), "unix:uid")).isEqualTo(100_000);
            assertThat(Files.getAttribute(snapshot.work(), "unix:gid")).isEqualTo(200_000);
            Files.writeString(snapshot.upper().resolve("kept"), "over a restart");
            assertThat(snapshots.prepare("alloc-1", image, 100_000, 200_000)).isEqualTo(snapshot);
            assertThat(snapshot.upper().resolve("kept")).hasContent("over a restart");

            needs.layers.addAll(snapshots.layersInUse());
            assertThat(clean(images).freed()).hasSize(1);
            assertThat(images.list()).isEmpty();
            assertThat(image.layers()).allMatch(Files::isDirectory);

            snapshots.remove("alloc-1");
            assertThat(snapshots.list()).isEmpty();
            needs.layers.clear();
            clean(images);
            assertThat(count(paths.snapshots().resolve("layers"))).isZero();
            assertThat(count(paths.content().resolve("blobs"))).isZero();
        }
    }
}
