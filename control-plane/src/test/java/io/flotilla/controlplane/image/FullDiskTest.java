package io.flotilla.controlplane.image;

import static io.flotilla.controlplane.image.MadeArchive.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.controlplane.RunningControlPlane;
import io.flotilla.controlplane.RunningControlPlane.Answer;
import io.flotilla.protocol.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Imports into a content directory on a small disk of its own. */
class FullDiskTest {

    @RegisterExtension
    static final RunningControlPlane plane = new RunningControlPlane();

    private static final int MIB = 1 << 20;
    private static final int DISK_MIB = 16;

    private Path content;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "a file system of its own needs root");
        content = plane.settings().privateDirectory().resolve("content");
        run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m,mode=700", "disk", content.toString());
        mounted = true;
        Files.createDirectory(content.resolve("blobs"));
        Files.createDirectory(content.resolve("incoming"));
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", content.toString());
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private static Answer upload(String name, byte[] archive) {
        return plane.send(
                HttpRequest.newBuilder(URI.create(plane.settings().localUrl() + "/api/v1/images?name=" + name))
                        .header("Authorization", "Bearer " + plane.adminKey())
                        .POST(HttpRequest.BodyPublishers.ofByteArray(archive)));
    }

    private static byte[] image(byte[] layer) {
        MadeArchive archive = new MadeArchive();
        return archive.layout(archive.image(layer)).bytes();
    }

    private static byte[] layer(int bytes) {
        byte[] layer = new byte[bytes];
        new Random(bytes).nextBytes(layer);
        return layer;
    }

    private long files(String directory) throws IOException {
        try (Stream<Path> files = Files.list(content.resolve(directory))) {
            return files.count();
        }
    }

    private void assertFull(Answer answer) throws IOException {
        assertThat(answer.status()).as("%s", answer).isEqualTo(503);
        assertThat(answer.body()).contains("the control plane's disk is full");
        assertThat(files("incoming")).isZero();
    }

    @Test
    void anImportThatDoesNotFitLeavesNothingAndDeletingStillWorks() throws IOException {
        assertThat(upload("flotilla/small:1", image(text("small"))).status()).isEqualTo(201);
        // The archive does not fit.
        assertFull(upload("flotilla/large:1", image(layer(20 * MIB))));
        // The archive fits, its content beside it does not.
        assertFull(upload("flotilla/large:1", image(layer(10 * MIB))));
        assertThat(files("blobs")).isEqualTo(3);

        Path filler = content.resolve("filler");
        try (var out = Files.newOutputStream(filler)) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> {
                        while (true) {
                            out.write(new byte[MIB / 16]);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        assertFull(upload("flotilla/other:1", image(text("other"))));
        assertThat(plane.ask(plane.adminKey(), "DELETE", "/api/v1/images?name=flotilla/small:1", null)
                        .status())
                .isEqualTo(204);
        assertThat(plane.bean(ContentStore.class).has(Digest.sha256(text("small"))))
                .isFalse();
        assertThat(files("blobs")).isZero();
        Files.delete(filler);
        assertThat(upload("flotilla/other:1", image(text("other"))).status()).isEqualTo(201);
    }
}
