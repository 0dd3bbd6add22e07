package io.flotilla.agent.reconcile;

import io.flotilla.agent.plan.ContainerId;
import io.flotilla.agent.plan.Exit;
import io.flotilla.agent.plan.ObservedContainer;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A host in memory: containers that start at once, images that come or fail as a test says. */
final class FakeHost implements Host {

    /** What a pull or a start does before it succeeds. */
    interface Act {

        void run() throws FailedStepException, InterruptedException;
    }

    final Map<UUID, Act> pulls = new ConcurrentHashMap<>();
    final Map<UUID, Act> starts = new ConcurrentHashMap<>();
    final AtomicInteger pulled = new AtomicInteger();
    final Map<ContainerId, ObservedContainer> containers = new ConcurrentHashMap<>();
    volatile @Nullable IOException blind;
    private final Set<Digest> images = ConcurrentHashMap.newKeySet();

    static FailedStepException failure(String reason, @Nullable Integer code, boolean lasting) {
        return new FailedStepException(reason, code, lasting, null);
    }

    @Override
    public List<ObservedContainer> containers() throws IOException {
        IOException trouble = blind;
        if (trouble != null) {
            throw trouble;
        }
        return List.copyOf(containers.values());
    }

    @Override
    public Set<Digest> present(Set<Digest> wanted) {
        Set<Digest> found = new HashSet<>(wanted);
        found.retainAll(images);
        return found;
    }

    @Override
    public void pull(UUID allocationId, ImageName image, Digest digest)
            throws FailedStepException, InterruptedException {
        pulled.incrementAndGet();
        pulls.getOrDefault(allocationId, () -> {}).run();
        images.add(digest);
    }

    @Override
    public Started start(ContainerId container, AllocationSpec spec) throws FailedStepException, InterruptedException {
        starts.getOrDefault(container.allocationId(), () -> {}).run();
        containers.put(container, new ObservedContainer(container, Instant.EPOCH, List.of(), null, null));
        return new Started(List.of(), null);
    }

    @Override
    public void stop(ContainerId container, Duration grace) {
        containers.computeIfPresent(
                container,
                (id, running) -> new ObservedContainer(
                        id, running.startedAt(), List.of(), null, new Exit(143, false, Instant.EPOCH, Duration.ZERO)));
    }

    @Override
    public void discard(ContainerId container) {
        containers.remove(container);
    }

    @Override
    public void remove(UUID allocationId) {
        if (containers.keySet().stream().anyMatch(id -> Objects.equals(id.allocationId(), allocationId))) {
            throw new IllegalStateException("allocation " + allocationId + " still has a container");
        }
    }
}
