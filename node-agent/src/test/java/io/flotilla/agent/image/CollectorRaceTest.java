package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pulls, starts and removals of containers against a collector that takes away all it may, all the time. The images share
 * layers, so that what one of them needs another one may be losing at that moment.
 */
@Tag("kernel")
class CollectorRaceTest {

    private static final int RACES = Integer.getInteger("flotilla.races", 2_000);
    private static final int WORKERS = 4;
    private static final int IMAGES = 6;

    @TempDir
    private Path directory;

    private AgentPaths paths;
    private Snapshots snapshots;
    private boolean mounted;

    @BeforeEach
    void mount() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "a file system of its own needs root");
        // In memory: here it is the order of things that counts, and a disk would only make them rarer.
        Path disk = Files.createDirectory(directory.resolve("disk"));
        DebianRegistry.run(List.of("mount", "-t", "tmpfs", "-o", "size=256m,mode=755", "races", disk.toString()));
        mounted = true;
        paths = AgentPaths.open(disk.resolve("data"), directory.resolve("run"), "0badf00d");
        Files.createDirectories(paths.snapshots());
        snapshots = Snapshots.open(paths);
    }

    @AfterEach
    void unmount() throws IOException {
        if (mounted) {
            DebianRegistry.run(List.of("umount", directory.resolve("disk").toString()));
        }
    }

    private final Needs needs = new Needs() {
        @Override
        public Set<Digest> images() throws IOException {
            return snapshots.imagesInUse();
        }

        @Override
        public Set<Path> layers() throws IOException {
            return snapshots.layersInUse();
        }
    };

    private static List<byte[]> layers(int image) {
        return List.of(
                new TarMaker().file("base", "base " + image / 3).bytes(),
                new TarMaker().file("middle", "middle " + image / 2).bytes(),
                new TarMaker().file("own", "own " + image).bytes());
    }

    private static void requireWhole(LocalImage image, int number) {
        assertThat(image.layers().get(0).resolve("base")).hasContent("base " + number / 3);
        assertThat(image.layers().get(1).resolve("middle")).hasContent("middle " + number / 2);
        assertThat(image.layers().get(2).resolve("own")).hasContent("own " + number);
    }

    /** One allocation's life, as the agent leads it. */
    private void live(Images images, HalfRegistry registry, Digest digest, int number) throws IOException {
        images.pull(registry.name(), digest, registry.access(), PullListener.NONE);
        Optional<HeldImage> found = images.hold(digest);
        if (found.isEmpty()) {
            return; // Nobody had said that it was wanted; it would be pulled again.
        }
        String key = UUID.randomUUID().toString();
        LocalImage image = found.get().image();
        try (HeldImage held = found.get()) {
            requireWhole(held.image(), number);
            snapshots.prepare(key, held.image(), 0, 0);
        }
        requireWhole(image, number);
        assertThat(images.has(digest)).isTrue();
        snapshots.remove(key);
    }

    @Test
    void neverTakesWhatARunningPullOrAContainerNeeds() throws Exception {
        AtomicInteger left = new AtomicInteger(RACES);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger taken = new AtomicInteger();
        try (HalfRegistry registry = new HalfRegistry(layers(0));
                Images images = Images.open(
                        paths,
                        Platform.here(),
                        new UnpackLimits(1L << 30, 10_000, 0),
                        new RegistryClient(),
                        needs,
                        InstantSource.system());
                ExecutorService threads = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().factory())) {
            List<Digest> digests = new ArrayList<>();
            for (int i = 0; i < IMAGES; i++) {
                digests.add(registry.add(layers(i)));
            }
            List<Future<?>> work = new ArrayList<>();
            for (int worker = 0; worker < WORKERS; worker++) {
                Random random = new Random(worker);
                work.add(threads.submit(() -> {
                    while (left.getAndDecrement() > 0) {
                        int number = random.nextInt(IMAGES);
                        live(images, registry, digests.get(number), number);
                    }
                    return null;
                }));
            }
            Future<?> collector = threads.submit(() -> {
                Random random = new Random(99);
                while (!over.get()) {
                    long keep = random.nextInt(4) * 4096L;
                    taken.addAndGet(images.carryOut(new NodeImages.Request.Clean(keep, false))
                            .freed()
                            .size());
                }
                return null;
            });
            try {
                for (Future<?> each : work) {
                    each.get();
                }
            } finally {
                over.set(true);
            }
            collector.get();
            assertThat(taken).as("the collector was in the way").hasValueGreaterThan(RACES / 20);
            images.carryOut(new NodeImages.Request.Clean(0, false));
            assertThat(images.list()).isEmpty();
            for (Path place : List.of(
                    paths.snapshots().resolve("layers"),
                    paths.snapshots().resolve("unpack"),
                    paths.snapshots().resolve("trash"),
                    paths.content().resolve("blobs"),
                    paths.content().resolve("images"),
                    paths.content().resolve("layers"))) {
                try (Stream<Path> files = Files.list(place)) {
                    assertThat(files).as(place.toString()).isEmpty();
                }
            }
        }
    }
}
