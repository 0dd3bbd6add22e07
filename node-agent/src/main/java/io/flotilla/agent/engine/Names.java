package io.flotilla.agent.engine;

import io.flotilla.agent.network.NameFiles;
import io.flotilla.agent.oci.Ordinary;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files that a container sees as /etc/hostname, /etc/hosts and /etc/resolv.conf, and may write to: they belong to its
 * root. They exist before the shim is started, since it opens what it binds at once; the network fills its own when the
 * container is attached.
 */
record Names(EngineParts parts) {

    /** What to show in place of the image's files; null leaves those. */
    record Shown(
            Path hostName, @Nullable Path hosts, @Nullable Path resolvConf) {}

    private Path of(ContainerId id) {
        return parts.paths().names().resolve(id.toString());
    }

    /** @param root the host's id of the container's root */
    Shown make(ContainerId id, AllocationSpec spec, int root) throws IOException {
        String name = Ordinary.hostName(spec);
        Path own = of(id);
        PrivateFiles.directory(own);
        Path hostName = file(own.resolve("hostname"), name + "\n", root);
        return switch (spec.network()) {
            case BRIDGE -> {
                NameFiles files = parts.network().nameFiles(id.toString());
                yield new Shown(hostName, file(files.hosts(), "", root), file(files.resolvConf(), "", root));
            }
            case HOST ->
                new Shown(
                        hostName,
                        copy(Path.of("/etc/hosts"), own.resolve("hosts"), root),
                        copy(Path.of("/etc/resolv.conf"), own.resolve("resolv.conf"), root));
            case NONE -> {
                String text = "127.0.0.1\tlocalhost " + name + "\n::1\tlocalhost ip6-localhost ip6-loopback\n";
                yield new Shown(hostName, file(own.resolve("hosts"), text, root), null);
            }
        };
    }

    private static Path file(Path file, String text, int owner) throws IOException {
        return owned(Files.writeString(file, text), owner);
    }

    /** Not the host's file itself: root in a container without a user namespace would write to it. */
    private static @Nullable Path copy(Path source, Path file, int owner) throws IOException {
        return Files.exists(source) ? owned(Files.write(file, Files.readAllBytes(source)), owner) : null;
    }

    private static Path owned(Path file, int owner) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setAttribute(file, "unix:uid", owner);
        Files.setAttribute(file, "unix:gid", owner);
        return file;
    }

    /** After the container was detached. Idempotent. */
    void remove(ContainerId id) throws IOException {
        PrivateFiles.remove(of(id));
    }

    /** Removes the files of containers that are no more. */
    void sweep(Predicate<ContainerId> known) throws IOException {
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(parts.paths().names())) {
            for (Path directory : directories) {
                if (ContainerId.parse(String.valueOf(directory.getFileName()))
                        .filter(known)
                        .isEmpty()) {
                    PrivateFiles.remove(directory);
                }
            }
        }
    }
}
