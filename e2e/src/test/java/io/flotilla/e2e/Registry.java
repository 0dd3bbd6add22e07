package io.flotilla.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Debian's {@code docker-registry}, a process of its own on a free loopback port. */
public final class Registry implements AutoCloseable {

    private final Path directory;
    private final int port;
    private final Process process;

    private Registry(Path directory, int port, Process process) {
        this.directory = directory;
        this.port = port;
        this.process = process;
    }

    public static Registry start() {
        try {
            Path directory = Files.createTempDirectory("flotilla-e2e-registry-");
            int port = Flotilla.freePort();
            Path config = directory.resolve("config.yml");
            Files.writeString(config, """
                    version: 0.1
                    storage:
                      filesystem:
                        rootdirectory: %s
                    http:
                      addr: 127.0.0.1:%d
                    """.formatted(directory.resolve("data"), port));
            Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            Registry registry = new Registry(directory, port, process);
            Await.until("docker-registry on port " + port, Duration.ofSeconds(20), () -> {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return socket.isConnected();
                }
            });
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A name in this registry, as in {@code 127.0.0.1:5000/debian:1}. */
    public String name(String repository) {
        return "127.0.0.1:" + port + "/" + repository;
    }

    /** Its configuration file: another host can serve the same images at the same address. */
    String config() {
        return directory.resolve("config.yml").toString();
    }

    /** Ends the registry, as if its host were down. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        stop();
        deleteTree(directory);
    }

    static void deleteTree(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
