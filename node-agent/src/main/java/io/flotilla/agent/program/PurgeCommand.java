package io.flotilla.agent.program;

import io.flotilla.agent.AgentPaths;
import io.flotilla.agent.engine.ContainerView;
import io.flotilla.agent.engine.Containers;
import io.flotilla.agent.ledger.Ledger;
import io.flotilla.protocol.registry.RegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flotilla-agent purge}: takes everything of this node off the host. */
@Command(
        name = "purge",
        description = "Stop and remove all containers of this node, its network and its control groups.")
final class PurgeCommand implements Callable<Integer> {

    @Mixin
    private DataOption data = new DataOption();

    @Option(names = "--delete-data", description = "also images, logs, the node's key and membership")
    private boolean deleteData;

    @Option(
            names = "--grace",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "between the stop signal and SIGKILL (default: ${DEFAULT-VALUE})")
    private int grace;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isDirectory(data.data().resolve("agent"))) {
            return 0;
        }
        AgentPaths paths = data.open();
        Optional<InstanceLock> lock = InstanceLock.take(paths.agent());
        if (lock.isEmpty()) {
            throw new IOException("an agent works on " + paths.data() + "; stop it first");
        }
        try (InstanceLock _ = lock.get()) {
            try (Parts parts =
                    Parts.open(paths, Ledger.open(paths.ledger()), new RegistryClient(), (container, exit) -> {})) {
                removeAll(parts.containers());
                parts.network().purge();
                parts.engine().cgroups().purge(Duration.ofSeconds(10));
            }
            Trees.remove(paths.runtime());
            if (deleteData) {
                Trees.remove(paths.agent());
            }
        }
        return 0;
    }

    private void removeAll(Containers containers) throws IOException, InterruptedException {
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Object>> removals = workers.invokeAll(containers.list().stream()
                    .map(view -> (Callable<Object>) () -> remove(containers, view))
                    .toList());
            for (Future<Object> removal : removals) {
                removal.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a container could not be removed: " + e.getCause(), e);
        }
    }

    private Object remove(Containers containers, ContainerView view) throws IOException, InterruptedException {
        containers.stop(view.id(), Duration.ofSeconds(grace));
        containers.remove(view.id());
        return view;
    }
}
