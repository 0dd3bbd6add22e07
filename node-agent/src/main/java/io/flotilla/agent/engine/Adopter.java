package io.flotilla.agent.engine;

import io.flotilla.agent.engine.launch.Adoption;
import io.flotilla.agent.engine.launch.Exit;
import io.flotilla.agent.engine.launch.Shim;
import io.flotilla.agent.engine.launch.ShimRecord;
import io.flotilla.agent.plan.ContainerId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds what earlier agents left in the runtime directory. A container whose program never ran is taken away, as if it had
 * never been asked for: nobody has seen it, and its start will be asked for again.
 */
record Adopter(EngineParts parts) {

    /** How the end of a found container becomes known. */
    sealed interface End {

        record Awaited(Shim shim) implements End {}

        record Known(Exit exit) implements End {}

        record Unknown() implements End {}

        /** Its first process runs, its shim does not. */
        record Orphan(int pid, long startTime) implements End {}
    }

    record Found(Container container, End end) {}

    List<Found> adopt() throws IOException {
        List<Found> found = new ArrayList<>();
        try (DirectoryStream<Path> directories =
                Files.newDirectoryStream(parts.paths().containersRuntime())) {
            for (Path directory : directories) {
                Optional<ContainerId> id = ContainerId.parse(String.valueOf(directory.getFileName()));
                if (id.isPresent()) {
                    adopt(id.get(), directory).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private Optional<Found> adopt(ContainerId id, Path directory) throws IOException {
        Container container = new Container(id, directory);
        Optional<Manifest> manifest = Manifest.read(directory);
        if (manifest.isEmpty()) {
            return takenAway(container);
        }
        container.manifest(manifest.get());
        return switch (parts.shims().adopt(directory)) {
            case Adoption.Adopted(Shim shim) -> adopted(container, shim);
            case Adoption.Ended(ShimRecord record, Exit exit) -> {
                if (exit.started().equals(Instant.EPOCH)) {
                    yield takenAway(container);
                }
                container.found(ContainerStatus.RUNNING);
                yield Optional.of(new Found(container, new End.Known(exit)));
            }
            case Adoption.Lost(ShimRecord record, boolean running) -> {
                if (manifest.get().startedAt() == null) {
                    yield takenAway(container);
                }
                container.found(ContainerStatus.RUNNING);
                container.shim(null, running ? record.pid() : null);
                yield Optional.of(new Found(
                        container, running ? new End.Orphan(record.pid(), record.startTime()) : new End.Unknown()));
            }
            case Adoption.Nothing() -> takenAway(container);
        };
    }

    private Optional<Found> adopted(Container container, Shim shim) throws IOException {
        if (EngineParts.required(container.manifest()).startedAt() == null && waits(shim.record())) {
            container.shim(shim, shim.record().pid());
            return takenAway(container);
        }
        boolean frozen = parts.cgroups()
                .find(container.id.toString())
                .filter(io.flotilla.agent.cgroup.Cgroup::frozen)
                .isPresent();
        container.found(frozen ? ContainerStatus.PAUSED : ContainerStatus.RUNNING);
        container.shim(shim, shim.record().pid());
        return Optional.of(new Found(container, new End.Awaited(shim)));
    }

    /** Whether the process still is a copy of the shim, before its exec. */
    private static boolean waits(ShimRecord record) throws IOException {
        try {
            String program = Files.readSymbolicLink(Path.of("/proc", String.valueOf(record.pid()), "exe"))
                    .toString();
            return program.contains("memfd:flotilla-shim");
        } catch (NoSuchFileException e) {
            return false; // it has ended; the shim tells how
        }
    }

    private Optional<Found> takenAway(Container container) throws IOException {
        new Removal(parts).run(container);
        return Optional.empty();
    }
}
