package io.flotilla.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.controlplane.settings.Settings;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Documents;
import io.flotilla.protocol.registry.ImageConfig;
import io.flotilla.protocol.registry.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that other people's tools write: the same image by each of them is the same config and the same layers. */
class ForeignArchiveTest {

    @TempDir
    private Path directory;

    private ContentStore content;

    @BeforeEach
    void open() {
        content = new ContentStore(new Settings(directory.resolve("data"), 0, 0, null, null, null, null));
    }

    /** An image of two layers in a directory, as an OCI layout. */
    private Path layout() throws IOException {
        for (String tool : List.of("umoci", "skopeo", "tar")) {
            assumeTrue(
                    Stream.of(System.getenv("PATH").split(":", -1))
                            .anyMatch(place -> Files.isExecutable(Path.of(place, tool))),
                    tool + " is not installed; ./flotilla test as root installs it");
        }
        Path layout = directory.resolve("layout");
        run("umoci", "init", "--layout", layout.toString());
        run("umoci", "new", "--image", layout + ":1");
        for (String name : List.of("one", "two")) {
            Path file = Files.writeString(directory.resolve(name), "content of " + name);
            run("umoci", "insert", "--rootless", "--image", layout + ":1", file.toString(), "/" + name);
        }
        run("umoci", "config", "--image", layout + ":1", "--config.cmd", "/one", "--config.exposedports", "80/tcp");
        return layout;
    }

    private void run(String... command) throws IOException {
        Path log = directory.resolve("log");
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            assertThat(code)
                    .as("%s%n%s", List.of(command), Files.readString(log, StandardCharsets.UTF_8))
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private ImportedImage take(Path archive) throws IOException {
        Set<Digest> stored = new HashSet<>();
        ImportedImage image = new ArchiveImport(new Archive(archive), content, stored).take(null);
        image.blobs().forEach(blob -> assertThat(content.has(blob.digest())).isTrue());
        assertThat(content.all()).isEqualTo(stored);
        return image;
    }

    private Manifest manifest(ImportedImage image) throws IOException {
        return (Manifest)
                Documents.read(Files.readAllBytes(content.file(image.root().digest())), null);
    }

    private ImageConfig config(ImportedImage image) throws IOException {
        return Documents.readConfig(
                Files.readAllBytes(content.file(manifest(image).config().digest())));
    }

    private void assertIsIt(ImportedImage image) throws IOException {
        assertThat(manifest(image).layers()).hasSize(2);
        assertThat(config(image).config().cmd()).containsExactly("/one");
        assertThat(config(image).config().exposedPorts()).containsExactly("80/tcp");
        assertThat(config(image).rootfs().diffIds()).hasSize(2);
    }

    @Test
    void takesALayoutOfUmoci() throws IOException {
        Path archive = directory.resolve("umoci.tar");
        run("tar", "-C", layout().toString(), "-cf", archive.toString(), ".");
        assertIsIt(take(archive));
    }

    @Test
    void takesALayoutOfUmociInGzip() throws IOException {
        Path archive = directory.resolve("umoci.tgz");
        run("tar", "-C", layout().toString(), "-czf", archive.toString(), "blobs", "index.json", "oci-layout");
        assertIsIt(take(archive));
    }

    @Test
    void takesALayoutOfSkopeo() throws IOException {
        Path archive = directory.resolve("skopeo.tar");
        run("skopeo", "copy", "oci:" + layout() + ":1", "oci-archive:" + archive + ":made:1");
        assertIsIt(take(archive));
    }

    @Test
    void takesADockerArchiveOfSkopeo() throws IOException {
        Path archive = directory.resolve("docker.tar");
        run("skopeo", "copy", "oci:" + layout() + ":1", "docker-archive:" + archive + ":made:1");
        ImportedImage image = take(archive);
        assertIsIt(image);
        assertThat(manifest(image).layers())
                .extracting(layer -> layer.digest())
                .containsExactlyElementsOf(config(image).rootfs().diffIds());
    }
}
