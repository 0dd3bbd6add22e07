package io.flotilla.controlplane.schedule;

import static io.flotilla.controlplane.schedule.World.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.schedule.AllocationState.Order;
import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.protocol.AllocStatus;
import io.flotilla.protocol.RestartPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    private final World world = new World();

    @Test
    void spreadsReplicasOverNodes() {
        world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        assertThat(world.places(web)).containsExactly("a", "b", "c");
    }

    @Test
    void prefersTheNodeWithTheLargerShareFree() {
        world.node("small", 1000, 2 * GIB, Map.of());
        world.node("large", 16_000, 64 * GIB, Map.of());
        UUID web = world.service("web", 1);
        world.settle();
        assertThat(world.places(web)).containsExactly("large");
    }

    @Test
    void explainsEveryNode() {
        world.node("tiny", 4000, GIB / 2, Map.of("disk", "ssd"));
        world.node("slow", 100, 8 * GIB, Map.of("disk", "ssd"));
        world.node("rust", 4000, 8 * GIB, Map.of("disk", "hdd"));
        world.node("bare");
        UUID drained = world.node("drained", 4000, 8 * GIB, Map.of("disk", "ssd"));
        world.drain(drained);
        UUID closed = world.node("closed", 4000, 8 * GIB, Map.of("disk", "ssd"));
        world.cordon(closed);
        UUID quiet = world.node("quiet", 4000, 8 * GIB, Map.of("disk", "ssd"));
        world.silence(quiet, 7);
        Needs needs = new Needs(new Size(500, GIB), List.of(), Map.of("disk", "ssd"), Set.of("amd64"));
        world.workload("web", 1, false, RestartPolicy.ALWAYS, needs);
        Step.Create create = (Step.Create) world.step().steps().getFirst();
        assertThat(create.nodeId()).isNull();
        assertThat(create.verdicts())
                .extracting(verdict -> verdict.node() + ": " + verdict.sentence())
                .containsExactly(
                        "bare: has no label disk, disk=ssd is asked for",
                        "closed: is cordoned",
                        "drained: is draining",
                        "quiet: is silent",
                        "rust: has disk=hdd, disk=ssd is asked for",
                        "slow: 0.1 cores free, 0.5 cores asked for",
                        "tiny: 512 MiB of memory free, 1 GiB asked for");
        assertThat(create.reason())
                .startsWith("No node fits: bare: has no label disk")
                .endsWith("and 3 more");
    }

    @Test
    void refusesNodesOfAnotherArchitecture() {
        world.node("a");
        Needs needs = new Needs(new Size(100, GIB), List.of(), Map.of(), Set.of("arm64"));
        world.workload("web", 1, false, RestartPolicy.ALWAYS, needs);
        Step.Create create = (Step.Create) world.step().steps().getFirst();
        assertThat(create.reason()).isEqualTo("No node fits: a: is amd64, the image is only there for arm64");
    }

    @Test
    void fixedPortAllowsOneReplicaForEachNode() {
        world.node("a");
        world.node("b");
        UUID web = world.workload("web", 3, false, RestartPolicy.ALWAYS, World.needs(100, GIB, World.tcp(80)));
        world.settle();
        assertThat(world.places(web)).containsExactly("a", "b");
        AllocationState third = world.of(web).get(2);
        assertThat(third.status()).isEqualTo(AllocStatus.PENDING);
        assertThat(third.reason())
                .isEqualTo("No node fits: a: port 80/tcp is taken by web; b: port 80/tcp is taken by web");
    }

    @Test
    void placesPendingReplicasWhenThereIsRoom() {
        UUID web = world.service("web", 2);
        world.step();
        assertThat(world.of(web)).extracting(AllocationState::reason).containsOnly("There is no node yet");
        world.node("a");
        world.settle();
        assertThat(world.places(web)).containsExactly("a", "a");
    }

    @Test
    void leavesSilentNodesAloneUntilTheyAreLost() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        world.silence(a, 14);
        assertThat(world.step().isEmpty()).isTrue();
        assertThat(world.running(web)).hasSize(3);
    }

    @Test
    void replacesWhatALostNodeRan() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        world.silence(a, 15);
        Plan first = world.step();
        assertThat(first.steps()).hasSize(2).first().isEqualTo(new Step.NodeLost(a));
        assertThat(world.running(web)).hasSize(3);
        world.settle();
        List<AllocationState> gone =
                world.of(web).stream().filter(x -> a.equals(x.nodeId())).toList();
        assertThat(gone).singleElement().satisfies(x -> {
            assertThat(x.status()).isEqualTo(AllocStatus.LOST);
            assertThat(x.order()).isEqualTo(Order.STOP);
            assertThat(x.ended()).isFalse();
        });
        assertThat(world.places(web)).hasSize(3).doesNotContain("a");
    }

    @Test
    void stopsReplacedAllocationsOfAReturningNode() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        world.silence(a, 20);
        world.settle();
        world.silence(a, 0);
        assertThat(world.step().steps()).containsExactly(new Step.NodeBack(a));
        world.settle();
        assertThat(world.of(web).stream().filter(x -> a.equals(x.nodeId())))
                .allSatisfy(x -> assertThat(x.ended()).isTrue());
        assertThat(world.running(web)).hasSize(3);
    }

    @Test
    void keepsAReturningNodesReplicaWhileItsSuccessorDoesNotRunYet() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 1);
        world.settle();
        assertThat(world.places(web)).containsExactly("a");
        world.silence(a, 15);
        world.step();
        world.silence(a, 0);
        world.step();
        world.settle();
        assertThat(world.places(web)).containsExactly("a");
    }

    @Test
    void keepsALostReplicaWhenNoOtherNodeFits() {
        UUID a = world.node("a");
        world.node("b", 100, GIB, Map.of());
        world.node("c", 100, GIB, Map.of());
        UUID web = world.service("web", 1);
        world.settle();
        world.silence(a, 15);
        world.settle();
        assertThat(world.of(web)).singleElement().satisfies(x -> {
            assertThat(x.status()).isEqualTo(AllocStatus.RUNNING);
            assertThat(x.order()).isEqualTo(Order.RUN);
            assertThat(x.reason())
                    .isEqualTo("a is lost. No node fits: a: is lost; b: 0.1 cores free, 0.5 cores asked for;"
                            + " c: 0.1 cores free, 0.5 cores asked for");
        });
    }

    @Test
    void freezesWhenMoreThanHalfOfTheNodesAreSilent() {
        UUID a = world.node("a");
        UUID b = world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        world.silence(a, 15);
        world.silence(b, 7);
        Plan plan = world.step();
        assertThat(plan.frozen()).isEqualTo("Nothing is moved off silent nodes while 2 of 3 are silent");
        assertThat(plan.isEmpty()).isTrue();
        assertThat(world.running(web)).hasSize(3);
    }

    @Test
    void actsWhenExactlyHalfIsSilent() {
        UUID a = world.node("a");
        world.node("b");
        UUID web = world.service("web", 2);
        world.settle();
        world.silence(a, 15);
        world.settle();
        assertThat(world.places(web)).containsExactly("b", "b");
    }

    @Test
    void replacesASingletonOnlyWhenItsNodeIsFenced() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID one = world.workload("one", 1, true, RestartPolicy.ALWAYS, World.needs(100, GIB));
        world.settle();
        world.silence(a, 60);
        world.settle();
        assertThat(world.of(one))
                .singleElement()
                .satisfies(x -> assertThat(x.reason())
                        .startsWith("a is lost. A singleton is replaced only when a reports it stopped"));
        world.fence(a);
        world.settle();
        assertThat(world.places(one)).containsExactly("b");
    }

    @Test
    void movesASingletonOffADrainingNodeByStoppingFirst() {
        UUID a = world.node("a");
        world.node("b");
        UUID one = world.workload("one", 1, true, RestartPolicy.ALWAYS, World.needs(100, GIB));
        world.settle();
        world.drain(a);
        assertThat(world.step().steps()).singleElement().isInstanceOf(Step.Stop.class);
        Step.Create waiting = (Step.Create) world.step().steps().getFirst();
        assertThat(waiting.reason()).isEqualTo("Waits until a reports the earlier one stopped");
        world.settle();
        assertThat(world.places(one)).containsExactly("b");
    }

    @Test
    void drainsWithoutLoweringTheNumberThatRuns() {
        UUID a = world.node("a");
        world.node("b");
        UUID web = world.service("web", 4);
        world.settle();
        world.drain(a);
        for (int round = 0; round < 6; round++) {
            world.step();
            assertThat(world.running(web)).hasSizeGreaterThanOrEqualTo(4);
            world.obey();
            assertThat(world.running(web)).hasSizeGreaterThanOrEqualTo(4);
        }
        assertThat(world.places(web)).containsExactly("b", "b", "b", "b");
    }

    @Test
    void updatesOneReplicaAtATime() {
        world.node("a");
        world.node("b");
        UUID web = world.service("web", 3);
        world.settle();
        world.update(web);
        for (int round = 0; round < 12; round++) {
            world.step();
            assertThat(world.of(web).stream().filter(x -> x.status() == AllocStatus.PLACED))
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(world.running(web)).hasSizeGreaterThanOrEqualTo(3);
            world.obey();
        }
        assertThat(world.running(web)).hasSize(3).allMatch(x -> x.revision() == 2);
    }

    @Test
    void updateStopsTheOldOneFirstWhenItsPortIsNeeded() {
        world.node("a");
        UUID web = world.workload("web", 1, false, RestartPolicy.ALWAYS, World.needs(100, GIB, World.tcp(80)));
        world.settle();
        world.update(web);
        world.settle();
        assertThat(world.running(web))
                .singleElement()
                .satisfies(x -> assertThat(x.revision()).isEqualTo(2));
    }

    @Test
    void updateThatFitsNowhereLeavesTheOldRevisionServing() {
        UUID a = world.node("a");
        UUID web = world.service("web", 1);
        world.settle();
        world.cordon(a);
        world.update(web);
        world.settle();
        assertThat(world.running(web)).singleElement().satisfies(x -> {
            assertThat(x.revision()).isEqualTo(1);
            assertThat(x.reason()).isEqualTo("Revision 2 takes its place. No node fits: a: is cordoned");
        });
    }

    @Test
    void scalesDownFromTheHighestNumber() {
        world.node("a");
        UUID web = world.service("web", 3);
        world.settle();
        world.scale(web, 1);
        world.settle();
        assertThat(world.running(web))
                .singleElement()
                .satisfies(x -> assertThat(x.replica()).isEqualTo(1));
    }

    @Test
    void stoppedWorkloadRunsAgainWhenStarted() {
        world.node("a");
        UUID web = world.service("web", 2);
        world.settle();
        world.want(web, Wanted.STOPPED);
        world.settle();
        assertThat(world.running(web)).isEmpty();
        world.want(web, Wanted.RUNNING);
        world.settle();
        assertThat(world.running(web)).hasSize(2);
    }

    @Test
    void completedJobIsNotRunAgainUntilItIsStarted() {
        world.node("a");
        UUID job = world.workload("job", 1, false, RestartPolicy.NEVER, World.needs(100, GIB));
        world.settle();
        world.end(world.of(job).getFirst().id(), AllocStatus.COMPLETED);
        assertThat(world.step().isEmpty()).isTrue();
        world.want(job, Wanted.RUNNING);
        world.settle();
        assertThat(world.running(job)).hasSize(1);
    }

    @Test
    void jobThatMustNotRunTwiceIsNotReplacedWhenItsNodeIsLost() {
        UUID a = world.node("a");
        world.node("b");
        UUID job = world.workload("job", 1, false, RestartPolicy.NEVER, World.needs(100, GIB));
        world.settle();
        world.silence(a, 20);
        world.settle();
        assertThat(world.of(job))
                .singleElement()
                .satisfies(x -> assertThat(x.reason()).isEqualTo("a is lost, and this workload is never run twice"));
    }

    @Test
    void deletingKeepsTheRemoveOrderUntilTheNodeReports() {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        UUID web = world.service("web", 3);
        world.settle();
        world.silence(a, 20);
        world.want(web, Wanted.DELETED);
        world.settle();
        assertThat(world.of(web)).singleElement().satisfies(x -> {
            assertThat(x.nodeId()).isEqualTo(a);
            assertThat(x.order()).isEqualTo(Order.REMOVE);
        });
        world.silence(a, 0);
        world.settle();
        assertThat(world.of(web)).isEmpty();
    }

    @Test
    void forgetsTheOldestEndedAllocations() {
        world.node("a");
        UUID web = world.service("web", 1);
        for (int i = 0; i < 9; i++) {
            world.settle();
            world.update(web);
        }
        world.settle();
        assertThat(world.of(web).stream().filter(AllocationState::ended)).hasSize(Slots.KEPT);
    }
}
