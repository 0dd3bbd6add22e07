package io.flotilla.controlplane.schedule;

import static io.flotilla.controlplane.schedule.World.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.protocol.RestartPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories; the seed is in the test's name. */
class SchedulerPropertyTest {

    private static final int HISTORIES = 300;

    static IntStream seeds() {
        return IntStream.range(0, HISTORIES);
    }

    private final World world = new World();
    private final List<UUID> workloads = new ArrayList<>();

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyHistoryKeepsTheRulesAndSettles(int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 2 + random.nextInt(4); i++) {
            world.node("n" + i, 1000L * (1 + random.nextInt(4)), GIB * (1 + random.nextInt(8)), Map.of());
        }
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            workloads.add(workload(i, random));
        }
        for (int event = 0; event < 25; event++) {
            disturb(random);
            world.step();
            hold();
            world.obey(world.nodeIds().get(random.nextInt(world.nodeIds().size())));
            hold();
        }
        calm();
        world.settle();
        hold();
        served();
    }

    private UUID workload(int number, Random random) {
        HostPort[] ports =
                random.nextInt(3) == 0 ? new HostPort[] {World.tcp(8000 + random.nextInt(2))} : new HostPort[0];
        return world.workload(
                "w" + number,
                random.nextInt(5),
                random.nextInt(4) == 0,
                List.of(RestartPolicy.ALWAYS, RestartPolicy.ON_FAILURE, RestartPolicy.NEVER)
                        .get(random.nextInt(3)),
                World.needs(100L * (1 + random.nextInt(8)), GIB / 4 * (1 + random.nextInt(6)), ports));
    }

    private void disturb(Random random) {
        UUID node = world.nodeIds().get(random.nextInt(world.nodeIds().size()));
        UUID workload = workloads.get(random.nextInt(workloads.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> world.silence(node, random.nextInt(30));
            case 2 -> world.silence(node, 0);
            case 3 -> world.drain(node);
            case 4 -> world.open(node);
            case 5 -> world.scale(workload, random.nextInt(5));
            case 6 -> world.update(workload);
            default -> world.want(workload, random.nextBoolean() ? Wanted.RUNNING : Wanted.STOPPED);
        }
    }

    private void calm() {
        world.nodeIds().forEach(node -> {
            world.silence(node, 0);
            world.open(node);
        });
        workloads.forEach(workload -> world.want(workload, Wanted.RUNNING));
    }

    /** No node is overbooked, no port held twice, no singleton doubled. */
    private void hold() {
        ClusterState state = world.state();
        for (NodeState node : state.nodes()) {
            assertThat(node.reserved().cpuMillis())
                    .isLessThanOrEqualTo(node.capacity().cpuMillis());
            assertThat(node.reserved().memoryBytes())
                    .isLessThanOrEqualTo(node.capacity().memoryBytes());
            long ports = state.allocations().stream()
                    .filter(a -> node.id().equals(a.nodeId()) && !a.ended())
                    .mapToLong(a -> a.ports().size())
                    .sum();
            assertThat(ports).isEqualTo(node.ports().size());
        }
        for (UUID id : workloads) {
            if (world.workload(id).singleton()) {
                state.allocations().stream()
                        .filter(a -> a.workloadId().equals(id) && !a.ended() && a.nodeId() != null)
                        .collect(java.util.stream.Collectors.groupingBy(AllocationState::replica))
                        .values()
                        .forEach(slot -> assertThat(slot).hasSize(1));
            }
        }
    }

    /** When nothing disturbs any more, every replica runs the current revision or is pending because nothing fits. */
    private void served() {
        for (UUID id : workloads) {
            WorkloadState workload = world.workload(id);
            for (int replica = 1; replica <= workload.replicas(); replica++) {
                int number = replica;
                List<AllocationState> live = world.of(id).stream()
                        .filter(a -> a.live() && a.replica() == number)
                        .toList();
                assertThat(live).as("replica %d of %s", replica, workload).hasSize(1);
                AllocationState only = live.getFirst();
                boolean runs = only.nodeId() != null;
                String reason = only.reason();
                assertThat(runs || (reason != null && reason.startsWith("No node fits")))
                        .isTrue();
            }
        }
    }
}
