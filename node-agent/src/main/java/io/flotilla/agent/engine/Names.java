package io.flotilla.agent.engine;

import io.flotilla.agent.network.NameFiles;
import io.flotilla.agent.oci.Ordinary;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files that a container sees as /etc/hostname, /etc/hosts and /etc/resolv.conf. They lie beside the runtime
 * directories: while a shim prepares mounts, a working mount of its own covers the container's one. They exist before the
 * shim is started, since it opens what it binds at once; the network fills its own when the container is attached.
 */
record Names(EngineParts parts) {

    /** What to show in place of the image's files; null leaves those. */
    record Shown(
            Path hostName, @Nullable Path hosts, @Nullable Path resolvConf) {}

    private Path base() {
        return parts.paths().runtime().resolve("names");
    }

    Shown make(ContainerId id, AllocationSpec spec) throws IOException {
        String name = Ordinary.hostName(spec);
        Path own = base().resolve(id.toString());
        PrivateFiles.directory(own);
        Path hostName = Files.writeString(own.resolve("hostname"), name + "\n");
        return switch (spec.network()) {
            case BRIDGE -> {
                NameFiles files = parts.network().nameFiles(id.toString());
                yield new Shown(hostName, empty(files.hosts()), empty(files.resolvConf()));
            }
            case HOST -> new Shown(hostName, present("/etc/hosts"), present("/etc/resolv.conf"));
            case NONE -> {
                String text = "127.0.0.1\tlocalhost " + name + "\n::1\tlocalhost ip6-localhost ip6-loopback\n";
                yield new Shown(hostName, Files.writeString(own.resolve("hosts"), text), null);
            }
        };
    }

    private static Path empty(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        return Files.exists(file) ? file : Files.createFile(file);
    }

    private static @Nullable Path present(String file) throws IOException {
        Path path = Path.of(file);
        return Files.exists(path) ? path.toRealPath() : null;
    }

    /** After the container was detached. Idempotent. */
    void remove(ContainerId id) throws IOException {
        PrivateFiles.remove(base().resolve(id.toString()));
        Path network = parts.network().nameFiles(id.toString()).hosts().getParent();
        if (network != null) {
            PrivateFiles.remove(network);
        }
    }

    /** Removes the files of containers that are no more. */
    void sweep(Predicate<ContainerId> known) throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(base())) {
            for (Path directory : directories) {
                if (ContainerId.parse(String.valueOf(directory.getFileName()))
                        .filter(known)
                        .isEmpty()) {
                    PrivateFiles.remove(directory);
                }
            }
        } catch (NoSuchFileException e) {
            return; // no container yet since the host was started
        }
    }
}
