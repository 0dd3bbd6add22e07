package io.flotilla.e2e.bench;

import io.flotilla.agent.kernel.Descriptors;
import io.flotilla.agent.kernel.Fd;
import io.flotilla.agent.kernel.NetlinkSocket;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.registry.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What the candidates share: a directory, an image with /bin/true, the stopwatch, and a network namespace of their own
 * that keeps bridges and firewall rules off the machine.
 */
final class Workbench implements AutoCloseable {

    private static final List<String> PATH = List.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin");

    final Path directory;
    final Path image;
    private final Path sources;
    private final String namespaceName;
    private final Fd namespace;
    private final ExecutorService inside;
    private final Path stopwatch;

    Workbench(Path sources) throws Exception {
        this.sources = sources;
        // A short path, since unix sockets below it must have one.
        directory = Files.createTempDirectory(Path.of("/var/tmp"), "fb");
        image = directory.resolve("image");
        makeImage();
        stopwatch = compile("stopwatch");
        namespaceName = directory.getFileName().toString();
        output("ip", "netns", "add", namespaceName);
        namespace = Descriptors.open("/run/netns/" + namespaceName, Descriptors.O_RDONLY, 0);
        inside = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        inNamespace(() -> {
            NetlinkSocket.enterNamespace(namespace);
            return output("ip", "link", "set", "lo", "up");
        });
    }

    private void makeImage() throws IOException {
        for (String name : List.of("bin", "dev", "etc", "proc", "sys", "tmp", "root")) {
            Files.createDirectories(image.resolve(name));
        }
        Path busybox =
                find("busybox").orElseThrow(() -> new IOException("busybox was not found; install busybox-static"));
        Files.copy(busybox, image.resolve("bin/busybox"));
        Files.createSymbolicLink(image.resolve("bin/true"), Path.of("busybox"));
        Files.createSymbolicLink(image.resolve("bin/sh"), Path.of("busybox"));
        Files.writeString(image.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    }

    /** The image as {@code docker save} writes it: a config, one layer, and a manifest that names both. */
    Path archive() throws IOException {
        Path parts = Files.createDirectories(directory.resolve("archive"));
        Path layer = parts.resolve("layer.tar");
        output("tar", "-C", image.toString(), "-cf", layer.toString(), ".");
        String digest = Digest.sha256(Files.readAllBytes(layer)).value();
        Files.writeString(
                parts.resolve("config.json"), """
                {"architecture":"%s","os":"linux","config":{"Cmd":["/bin/sh"],"Env":["PATH=/bin"]},
                "rootfs":{"type":"layers","diff_ids":["%s"]}}""".formatted(Platform.here().architecture(), digest));
        Files.writeString(
                parts.resolve("manifest.json"),
                "[{\"Config\":\"config.json\",\"RepoTags\":[\"bench:latest\"],\"Layers\":[\"layer.tar\"]}]");
        Path archive = directory.resolve("archive.tar");
        output("tar", "-C", parts.toString(), "-cf", archive.toString(), "manifest.json", "config.json", "layer.tar");
        return archive;
    }

    /** Compiles one of the programs beside this bench. */
    Path compile(String name) throws IOException {
        Path program = directory.resolve(name);
        output(
                "cc",
                "-O2",
                "-static",
                "-o",
                program.toString(),
                sources.resolve(name + ".c").toString());
        return program;
    }

    static Optional<Path> find(String program) {
        return PATH.stream()
                .map(at -> Path.of(at, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The time that a command takes including its process's start and end, in microseconds. */
    long time(List<String> command) throws IOException {
        return Long.parseLong(output(timed(command).toArray(String[]::new)));
    }

    /** The command, preceded by the stopwatch that prints how long it took. */
    List<String> timed(List<String> command) {
        var all = new ArrayList<>(List.of(stopwatch.toString()));
        all.addAll(command);
        return all;
    }

    /** Runs a call on a thread that lives in the bench's network namespace, as do all that it starts. */
    <T> T inNamespace(Callable<T> call) throws Exception {
        try {
            return inside.submit(call).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    static String output(String... command) throws IOException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output;
    }

    @Override
    public void close() throws IOException {
        inside.shutdownNow();
        namespace.close();
        output("ip", "netns", "del", namespaceName);
        removeTree(directory);
    }

    private static void removeTree(Path root) throws IOException {
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.delete(path);
                }
            }
        }
    }
}
