package io.flotilla.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Real images made by other people's tools: debootstrap, buildah, skopeo. */
final class Images implements AutoCloseable {

    private static final Duration LONG = Duration.ofMinutes(15);

    private final Path work;

    private Images(Path work) {
        this.work = work;
    }

    static Images open() {
        try {
            return new Images(Files.createTempDirectory("flotilla-e2e-images-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An archive as {@code docker save} writes it, with busybox and its applets; the image is named {@code name}. */
    Path busybox(String name) throws IOException {
        Path context = Files.createDirectories(work.resolve("busybox"));
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        Path bin = Files.createDirectories(context.resolve("links/bin"));
        for (String applet :
                Command.run("/bin/busybox", "--list").success().lines().toList()) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("/bin/busybox"));
        }
        Files.delete(bin.resolve("busybox"));
        Files.createDirectories(context.resolve("links/etc"));
        Files.writeString(
                context.resolve("links/etc/passwd"), "root:x:0:0::/root:/bin/sh\nsailor:x:1000:1000::/:/bin/sh\n");
        Files.writeString(context.resolve("links/etc/group"), "root:x:0:\nsailor:x:1000:\ncrew:x:2000:sailor\n");
        Files.writeString(context.resolve("Dockerfile"), """
                FROM scratch
                COPY busybox /bin/busybox
                COPY links /
                ENV PATH=/bin
                CMD ["/bin/sh"]
                """);
        build(context, name);
        Path archive = work.resolve("busybox.tar");
        buildah("push", name, "docker-archive:" + archive + ":" + name);
        return archive;
    }

    /**
     * A Debian system in several layers, pushed to the registry under the name. It greets in its log and on port 8000,
     * and logs what it is asked for.
     */
    void debian(Registry registry, String repository) throws IOException {
        Path context = Files.createDirectories(work.resolve("debian"));
        Path root = work.resolve("debian-root");
        Command.run(LONG, work, "debootstrap", "--variant=minbase", "bookworm", root.toString())
                .success();
        Command.run(
                        LONG,
                        work,
                        "tar",
                        "-C",
                        root.toString(),
                        "-cf",
                        context.resolve("root.tar").toString(),
                        ".")
                .success();
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        Files.writeString(context.resolve("greet"), """
                #!/bin/bash
                echo "ahoy from $(hostname), $GREETING" | tee index.html
                exec busybox httpd -f -vv -p 8000
                """);
        Files.writeString(context.resolve("Dockerfile"), """
                FROM scratch
                ADD root.tar /
                COPY --chmod=755 greet /usr/local/bin/greet
                COPY --chmod=755 busybox /usr/local/bin/busybox
                ENV GREETING=all-hands PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
                WORKDIR /srv
                EXPOSE 8000
                CMD ["/usr/local/bin/greet"]
                """);
        String name = registry.name(repository);
        build(context, name);
        buildah("push", "--tls-verify=false", name, "docker://" + name);
    }

    private void build(Path context, String name) {
        buildah("bud", "--isolation", "chroot", "--layers", "-t", name, context.toString());
    }

    private void buildah(String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                "buildah",
                "--root",
                work.resolve("storage").toString(),
                "--runroot",
                work.resolve("run").toString(),
                "--storage-driver",
                "vfs"));
        line.addAll(List.of(arguments));
        Command.run(LONG, work, line.toArray(String[]::new)).success();
    }

    @Override
    public void close() {
        Command.run(LONG, Path.of("/"), "rm", "-rf", "--one-file-system", work.toString())
                .success();
    }
}
