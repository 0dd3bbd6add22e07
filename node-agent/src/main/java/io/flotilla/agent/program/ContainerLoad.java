package io.flotilla.agent.program;

import io.flotilla.agent.cgroup.CgroupStats;
import io.flotilla.agent.engine.ContainerStats;
import io.flotilla.agent.engine.ContainerView;
import io.flotilla.agent.engine.Containers;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.NodeSample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Reads what containers use, and how much CPU since the last reading. */
final class ContainerLoad {

    private record Reading(long nanoTime, long cpuNanos) {}

    private final Map<ContainerId, Reading> last = new ConcurrentHashMap<>();

    /** A container that ends meanwhile is left out. */
    List<NodeSample.Container> read(Containers containers) {
        List<NodeSample.Container> found = new ArrayList<>();
        for (ContainerView view : containers.list()) {
            if (view.startedAt() != null && view.exit() == null) {
                try {
                    found.add(sample(view.id(), containers.stats(view.id())));
                } catch (IOException | RuntimeException e) {
                    last.remove(view.id());
                }
            }
        }
        return found;
    }

    void forget(ContainerId container) {
        last.remove(container);
    }

    private NodeSample.Container sample(ContainerId id, ContainerStats stats) {
        CgroupStats group = stats.cgroup();
        Reading now = new Reading(System.nanoTime(), group.cpu().usageNanos());
        Reading before = last.put(id, now);
        CgroupStats.@Nullable Pressures pressures = group.pressure();
        return new NodeSample.Container(
                id.allocationId(),
                id.attempt(),
                before == null ? 0 : millis(before, now),
                group.cpu().throttledNanos() / 1_000_000,
                group.memory().usage(),
                group.memory().workingSet(),
                group.pids().count(),
                stats.network().map(network -> network.receivedBytes()).orElse(0L),
                stats.network().map(network -> network.sentBytes()).orElse(0L),
                pressures == null ? null : recent(pressures.cpu()),
                pressures == null ? null : recent(pressures.memory()));
    }

    private static long millis(Reading before, Reading now) {
        long passed = Math.max(1, now.nanoTime() - before.nanoTime());
        return Math.max(0, (now.cpuNanos() - before.cpuNanos()) * 1000 / passed);
    }

    private static @Nullable Double recent(CgroupStats.@Nullable Pressure pressure) {
        return pressure == null ? null : pressure.some10();
    }
}
