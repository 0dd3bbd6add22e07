package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.NodeImages;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power after every write, sync, rename and deletion of a pull. The pull runs in a process that strace stops after
 * each of these calls, on an ext4 in a file. What of the file system had reached that file is what a power cut leaves, and is
 * looked at in a copy; what the running system sees of it is what {@code kill -9} leaves.
 */
@Tag("kernel")
class PowerCutTest {

    private static final String CALLS = "write,pwrite64,writev,fsync,fdatasync,syncfs,rename,renameat,renameat2,"
            + "unlink,unlinkat,rmdir,mkdir,mkdirat,mknodat,symlinkat,linkat";
    private static final long DEADLINE_NANOS = 60_000_000_000L;
    private static final int MIB = 24;

    @TempDir
    private Path directory;

    private Path file;
    private Path disk;
    private final List<Path> mounted = new ArrayList<>();

    /** What the process that is stopped does. */
    static final class Victim {

        private Victim() {}

        public static void main(String[] arguments) throws IOException {
            try (Images images = open(Path.of(arguments[0]))) {
                ImageName name = ImageName.parse(arguments[1]);
                System.out.println("ready");
                var _ = System.in.read();
                images.pull(name, new Digest(arguments[2]), HalfRegistry.access(name), PullListener.NONE);
                System.out.println("done");
                var _ = System.in.read();
                images.carryOut(new NodeImages.Request.Clean(0, false));
                System.out.println("cleaned");
            }
        }
    }

    private static Images open(Path place) throws IOException {
        return Images.open(
                AgentPaths.open(place.resolve("data"), place.resolveSibling("run"), "0badf00d"),
                io.flotilla.protocol.registry.Platform.here(),
                new UnpackLimits(1L << 30, 10_000, 0),
                new RegistryClient(),
                Needs.NONE,
                InstantSource.system());
    }

    @BeforeEach
    void mount() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "a file system of its own needs root");
        DebianRegistry.requireTools("strace");
        assumeTrue(Files.isExecutable(Path.of("/sbin/mkfs.ext4")), "mkfs.ext4 is not installed");
        file = directory.resolve("ext4");
        disk = Files.createDirectory(directory.resolve("disk"));
        DebianRegistry.run(List.of("truncate", "-s", MIB + "M", file.toString()));
        DebianRegistry.run(List.of("/sbin/mkfs.ext4", "-q", "-F", file.toString()));
        mount(file, disk);
    }

    private void mount(Path image, Path place) throws IOException {
        DebianRegistry.run(List.of("mount", "-o", "loop", image.toString(), place.toString()));
        mounted.add(place);
    }

    private void unmount(Path place) throws IOException {
        DebianRegistry.run(List.of("umount", place.toString()));
        mounted.remove(place);
    }

    @AfterEach
    void unmountAll() throws IOException {
        for (Path place : List.copyOf(mounted)) {
            unmount(place);
        }
    }

    private static List<byte[]> layers() {
        return List.of(
                new TarMaker()
                        .directory("usr")
                        .file("usr/one", "1".repeat(5000))
                        .file("usr/two", "2".repeat(300))
                        .symbolicLink("usr/link", "one")
                        .bytes(),
                new TarMaker()
                        .file("usr/.wh.two", "")
                        .file("usr/three", "3".repeat(9000))
                        .bytes());
    }

    /** Everything in an image's layers, in words. */
    private static List<String> listing(List<Path> layers) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path layer : layers) {
            TreeSet<String> own = new TreeSet<>();
            try (Stream<Path> paths = Files.walk(layer)) {
                for (Path path : paths.toList()) {
                    own.add(layer.relativize(path) + " "
                            + (Files.isRegularFile(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                                    ? Digest.sha256(Files.readAllBytes(path)).brief()
                                    : Files.readAttributes(
                                                    path,
                                                    java.nio.file.attribute.BasicFileAttributes.class,
                                                    java.nio.file.LinkOption.NOFOLLOW_LINKS)
                                            .isDirectory())
                            + " " + Files.getPosixFilePermissions(path, java.nio.file.LinkOption.NOFOLLOW_LINKS));
                }
            }
            lines.addAll(own);
        }
        return lines;
    }

    @Test
    void noCorruptLayerIsEverServedAndNoPullIsStuck() throws Exception {
        try (HalfRegistry registry = new HalfRegistry(layers())) {
            List<String> whole;
            Path reference = Files.createDirectory(directory.resolve("ref"));
            try (Images images = open(reference)) {
                whole = listing(pull(images, registry).layers());
            }
            Process victim = victim(registry);
            Path log = directory.resolve("strace.log");
            Process strace = null;
            int cuts = 0;
            int served = 0;
            try (BufferedReader said = victim.inputReader()) {
                assertThat(said.readLine())
                        .as(Files.readString(directory.resolve("victim.log")))
                        .isEqualTo("ready");
                strace = strace(victim, log);
                for (String end : List.of("done", "cleaned")) {
                    victim.getOutputStream().write('\n');
                    victim.getOutputStream().flush();
                    while (awaitStop(victim, said)) {
                        cuts++;
                        served += withoutPower(registry, whole, cuts) ? 1 : 0;
                        if (cuts % 3 == 0) {
                            killed(registry, whole, cuts);
                        }
                        kill("CONT", victim);
                    }
                    assertThat(said.readLine()).isEqualTo(end);
                }
            } finally {
                victim.destroyForcibly().waitFor();
                if (strace != null) {
                    strace.destroy();
                    strace.waitFor();
                }
            }
            assertThat(cuts).isGreaterThan(40);
            assertThat(served).as("cuts after which the image was there").isBetween(1, cuts - 20);
        }
    }

    private static LocalImage pull(Images images, HalfRegistry registry) throws IOException {
        return images.pull(registry.name(), registry.digest(), registry.access(), PullListener.NONE);
    }

    private void killed(HalfRegistry registry, List<String> whole, int cut) throws IOException {
        Path killed = directory.resolve("kill");
        DebianRegistry.run(List.of("cp", "-a", disk.toString(), killed.toString()));
        requireSound(killed, registry, whole, "cut " + cut + ", killed");
        DebianRegistry.run(List.of("rm", "-rf", killed.toString()));
    }

    private boolean withoutPower(HalfRegistry registry, List<String> whole, int cut) throws IOException {
        Path copy = directory.resolve("copy");
        Path recovered = Files.createDirectories(directory.resolve("cut"));
        DebianRegistry.run(List.of("cp", "--sparse=always", file.toString(), copy.toString()));
        mount(copy, recovered);
        try {
            return requireSound(recovered, registry, whole, "cut " + cut + ", without power");
        } finally {
            unmount(recovered);
        }
    }

    /** @return whether the image was served */
    private static boolean requireSound(Path place, HalfRegistry registry, List<String> whole, String cut)
            throws IOException {
        try (Images images = open(place)) {
            boolean served = images.find(registry.digest()).isPresent();
            if (served) {
                assertThat(listing(images.find(registry.digest()).orElseThrow().layers()))
                        .as(cut)
                        .isEqualTo(whole);
            }
            assertThat(listing(pull(images, registry).layers())).as(cut).isEqualTo(whole);
            return served;
        }
    }

    private Process victim(HalfRegistry registry) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Victim.class.getName(),
                        disk.toString(),
                        registry.name().canonical(),
                        registry.digest().value())
                .redirectError(directory.resolve("victim.log").toFile())
                .start();
    }

    private static Process strace(Process victim, Path log) throws IOException {
        Process strace = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-o",
                        log.toString(),
                        "-e",
                        "trace=" + CALLS,
                        "-e",
                        "inject=" + CALLS + ":signal=SIGSTOP",
                        "-p",
                        Long.toString(victim.pid()))
                .redirectErrorStream(true)
                .start();
        String first = Objects.requireNonNull(strace.inputReader().readLine());
        assertThat(first).contains("attached");
        return strace;
    }

    /** Waits until all of the process's threads stand still; false if it has come to its next word instead. */
    private static boolean awaitStop(Process victim, BufferedReader said) throws IOException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        int still = 0;
        while (still < 3) {
            assertThat(System.nanoTime()).as("it stops or ends in time").isLessThan(deadline);
            assertThat(victim.isAlive()).isTrue();
            LockSupport.parkNanos(1_000_000);
            still = standsStill(victim.pid()) ? still + 1 : 0;
            // It writes its word and is stopped after that, too: its words are no cut.
            if (still >= 3 && said.ready()) {
                kill("CONT", victim);
                return false;
            }
        }
        return true;
    }

    private static boolean standsStill(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
                char state = stat.charAt(stat.lastIndexOf(')') + 2);
                if (state != 't' && state != 'T') {
                    return false;
                }
            }
            return true;
        } catch (java.nio.file.NoSuchFileException e) {
            return false;
        }
    }

    private static void kill(String signal, Process victim) throws IOException {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(victim.pid())).start();
            assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
