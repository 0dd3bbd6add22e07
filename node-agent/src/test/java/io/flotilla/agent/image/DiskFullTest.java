package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.Platform;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls onto a disk, a small tmpfs, that has no room for them. */
@Tag("kernel")
class DiskFullTest {

    private static final int DISK_MIB = 64;
    private static final int FILLER_MIB = 48;
    private static final int LARGE_MIB = 24;
    private static final UnpackLimits TO_THE_BRIM = new UnpackLimits(1L << 30, 10_000, 0);

    @TempDir
    private Path directory;

    private final ChangingNeeds needs = new ChangingNeeds();
    private AgentPaths paths;
    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "a file system of its own needs root");
        disk = Files.createDirectory(directory.resolve("disk"));
        DebianRegistry.run(
                List.of("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m,mode=755", "disk", disk.toString()));
        mounted = true;
        paths = AgentPaths.open(disk.resolve("data"), directory.resolve("run"), "0badf00d");
    }

    @AfterEach
    void unmount() throws IOException {
        if (mounted) {
            DebianRegistry.run(List.of("umount", disk.toString()));
        }
    }

    private Images open(UnpackLimits limits) throws IOException {
        return Images.open(paths, Platform.here(), limits, new RegistryClient(), needs, InstantSource.system());
    }

    private static HalfRegistry registry(int mib, String name) throws IOException {
        TarMaker layer = new TarMaker().file("name", name);
        for (int i = 0; i < mib; i++) {
            layer.file("file" + i, "x".repeat(1 << 20));
        }
        return new HalfRegistry(List.of(layer.bytes()));
    }

    private static LocalImage pull(Images images, HalfRegistry registry) throws IOException {
        return images.pull(registry.name(), registry.digest(), registry.access(), PullListener.NONE);
    }

    private void fill(String name, long mostBytes) throws IOException {
        try (OutputStream out = Files.newOutputStream(disk.resolve(name))) {
            byte[] block = new byte[64 << 10];
            for (long written = 0; written < mostBytes; written += block.length) {
                out.write(block);
            }
        }
    }

    private void assertNothingHalfDone(int layers) throws IOException {
        for (String place : List.of("snapshots/unpack", "snapshots/trash")) {
            try (Stream<Path> files = Files.list(paths.agent().resolve(place))) {
                assertThat(files).as(place).isEmpty();
            }
        }
        try (Stream<Path> files = Files.list(paths.snapshots().resolve("layers"))) {
            assertThat(files).hasSize(layers);
        }
    }

    @Test
    void aPullThatFillsTheDiskLeavesNothingAndWorksOnceThereIsRoom() throws IOException {
        try (HalfRegistry small = registry(1, "small");
                HalfRegistry large = registry(LARGE_MIB, "large");
                Images images = open(TO_THE_BRIM)) {
            fill("filler", (long) FILLER_MIB << 20);
            pull(images, small);
            needs.images.add(small.digest());
            assertThatThrownBy(() -> pull(images, large))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageStartingWith("disk full while unpacking \"file");
            assertNothingHalfDone(1);
            assertThat(images.find(large.digest())).isEmpty();

            Files.delete(disk.resolve("filler"));
            assertThat(pull(images, large).layers()).hasSize(1);
            assertNothingHalfDone(2);
        }
    }

    @Test
    void deletingWorksWhenNotOneByteIsLeft() throws IOException {
        try (HalfRegistry small = registry(1, "small");
                HalfRegistry other = registry(1, "other");
                Images images = open(TO_THE_BRIM)) {
            pull(images, small);
            needs.images.add(small.digest());
            assertThatThrownBy(() -> fill("filler", Long.MAX_VALUE)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> pull(images, other))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageStartingWith("disk full");
            assertNothingHalfDone(1);
            needs.images.clear();
            images.carryOut(new NodeImages.Request.Clean(0, false));
            assertNothingHalfDone(0);
            assertThat(pull(images, other).layers()).hasSize(1);
        }
    }

    @Test
    void aPullMakesItselfRoomByWhatNobodyUses() throws IOException {
        try (HalfRegistry unused = registry(LARGE_MIB, "unused");
                HalfRegistry used = registry(1, "used");
                HalfRegistry wanted = registry(LARGE_MIB, "wanted");
                Images images = open(TO_THE_BRIM)) {
            fill("filler", 30L << 20);
            pull(images, unused);
            pull(images, used);
            needs.images.add(used.digest());
            assertThat(pull(images, wanted).layers()).hasSize(1);
            assertThat(images.list()).extracting(StoredImage::digest).containsOnly(used.digest(), wanted.digest());
            assertNothingHalfDone(2);
        }
    }

    @Test
    void aPullStopsBeforeTheNodesOwnRecordsHaveNoRoom() throws IOException {
        try (HalfRegistry small = registry(1, "small");
                Images images = open(UnpackLimits.USUAL)) {
            assertThatThrownBy(() -> pull(images, small))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageStartingWith("disk full: ")
                    .hasMessageEndingWith(" and 256 MiB have to stay free");
            assertNothingHalfDone(0);
        }
    }
}
