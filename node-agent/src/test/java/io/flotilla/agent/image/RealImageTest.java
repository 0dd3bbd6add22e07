package io.flotilla.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.snapshot.Snapshot;
import io.flotilla.agent.snapshot.Snapshots;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PullProgress;
import io.flotilla.protocol.registry.RegistryAccess;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images made by other people's tools, served by a real registry, compared with what umoci makes of them. */
@Tag("kernel")
class RealImageTest {

    @TempDir
    private Path directory;

    private AgentPaths paths;

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "unpacking layers needs root");
        DebianRegistry.requireTools("umoci", "skopeo", "docker-registry", "tar");
        paths = AgentPaths.open(directory.resolve("data"), directory.resolve("run"), "0badf00d");
    }

    @AfterEach
    void unmount() throws IOException {
        Path merged = directory.resolve("merged");
        if (Files.exists(merged)) {
            new ProcessBuilder("umount", merged.toString()).start().onExit().join();
        }
    }

    /** Three layers: a base, one that deletes and replaces, one with an opaque directory. */
    private Path threeLayers() throws IOException {
        Path layout = directory.resolve("layout");
        DebianRegistry.run(List.of("umoci", "init", "--layout", layout.toString()));
        DebianRegistry.run(List.of("umoci", "new", "--image", layout + ":t"));
        for (String script : List.of("""
                mkdir -p usr/bin usr/share/doc etc tmp opt/old/deep; chmod 1777 tmp
                echo one > etc/one; echo two > etc/two; ln etc/one etc/one-link; ln -s ../etc/one usr/one
                echo x > opt/old/deep/x; cp /bin/true usr/bin/true; chmod 4755 usr/bin/true
                chown 1000:2000 etc/two; mkfifo opt/fifo; touch -d 2001-02-03T04:05:06.123456789Z etc/two
                echo u > 'etc/\u00fcml\u00e4ut'
                seq 1 200000 > usr/share/doc/numbers; chown -h 7:8 usr/one; touch -d 1999-01-01T00:00:00.5Z usr/share
                chmod 2711 usr; chown 3:4 usr; touch -d 2020-01-01T00:00:00Z usr
                """, """
                rm etc/two; rm -r opt/old; echo new > etc/new; rm usr/one; mkdir usr/one; echo d > usr/one/d
                touch -d 2020-01-01T00:00:00Z usr
                """, """
                rm -r usr/share; mkdir usr/share; echo fresh > usr/share/fresh; echo more >> etc/new; chmod 700 etc
                touch -d 2020-01-01T00:00:00Z usr
                """)) {
            Path bundle = directory.resolve("bundle");
            DebianRegistry.run(List.of("umoci", "unpack", "--image", layout + ":t", bundle.toString()));
            DebianRegistry.run(List.of("sh", "-ec", "cd " + bundle.resolve("rootfs") + "\n" + script));
            DebianRegistry.run(List.of("umoci", "repack", "--image", layout + ":t", bundle.toString()));
            DebianRegistry.run(List.of("rm", "-rf", bundle.toString()));
        }
        return layout;
    }

    private LocalImage pull(DebianRegistry registry, List<PullProgress> progress) throws IOException {
        ImageName name = ImageName.parse(registry.authority() + "/real:t");
        try (RegistryClient client = new RegistryClient();
                Images images = Images.open(paths, new RegistryClient(), Needs.NONE, InstantSource.system())) {
            var digest = client.open(name, RegistryAccess.anonymous())
                    .resolve()
                    .descriptor()
                    .digest();
            LocalImage image = images.pull(name, digest, RegistryAccess.anonymous(), progress::add);
            assertThat(images.find(digest)).contains(image);
            assertThat(images.list()).hasSize(1);
            return image;
        }
    }

    @Test
    void unpacksToTheSameTreeAsUmoci() throws IOException {
        Path layout = threeLayers();
        List<PullProgress> progress = Collections.synchronizedList(new ArrayList<>());
        try (DebianRegistry registry = new DebianRegistry(directory)) {
            registry.push(layout, "t", "real:t");
            LocalImage image = pull(registry, progress);
            assertThat(image.layers()).hasSize(3);
            Snapshot snapshot = Snapshots.open(paths).prepare("alloc", image, 0, 0);
            Path merged = Files.createDirectory(directory.resolve("merged"));
            String lower = String.join(
                    ":",
                    snapshot.lowerDirs().reversed().stream().map(Path::toString).toList());
            DebianRegistry.run(List.of(
                    "mount",
                    "-t",
                    "overlay",
                    "overlay",
                    "-o",
                    "lowerdir=" + lower + ",upperdir=" + snapshot.upper() + ",workdir=" + snapshot.work(),
                    merged.toString()));
            Path bundle = directory.resolve("bundle");
            DebianRegistry.run(List.of("umoci", "unpack", "--image", layout + ":t", bundle.toString()));
            assertThat(listing(merged)).isEqualTo(listing(bundle.resolve("rootfs")));
        }
        PullProgress last = progress.getLast();
        assertThat(last.layers())
                .hasSize(3)
                .allMatch(l -> l.phase() == PullProgress.Phase.PRESENT && l.doneBytes() == l.totalBytes());
    }

    /** Everything that a tar archive can say of a tree, with attributes; the root's own time differs for good reasons. */
    private List<String> listing(Path tree) throws IOException {
        Path out = directory.resolve("listing");
        DebianRegistry.run(List.of(
                "sh",
                "-ec",
                "cd " + tree
                        + "; (find . -mindepth 1 ! -type d -printf '%P %y %m %U %G %s %T@ %n %l\\n';"
                        + " find . -mindepth 1 -type d -printf '%P %y %m %U %G %T@\\n';"
                        + " find . -type f -exec sha256sum {} +) | LC_ALL=C sort > " + out));
        return Files.readAllLines(out, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
