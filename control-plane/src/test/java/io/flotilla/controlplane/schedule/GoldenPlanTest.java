package io.flotilla.controlplane.schedule;

import static io.flotilla.controlplane.schedule.World.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.schedule.Plan.Step;
import io.flotilla.protocol.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whole plans, compared with text files; {@code -Dgolden.write=true} writes them anew. */
class GoldenPlanTest {

    private final World world = new World();
    private final StringBuilder text = new StringBuilder();

    @Test
    void launchOnAMixedFleet() throws IOException {
        world.node("ams-01", 4000, 16 * GIB, Map.of("disk", "ssd"));
        world.node("ams-02", 4000, 2 * GIB, Map.of("disk", "ssd"));
        world.node("ams-03", 4000, 16 * GIB, Map.of("disk", "hdd"));
        world.drain(world.node("fra-01", 8000, 32 * GIB, Map.of("disk", "ssd")));
        Needs needs = new Needs(
                new Size(1500, 3 * GIB), List.of(World.tcp(443)), Map.of("disk", "ssd"), Set.of("amd64", "arm64"));
        world.workload("shop", 2, false, RestartPolicy.ALWAYS, needs);
        world.service("blog", 3);
        play("launch", 3);
        compare("launch-on-a-mixed-fleet.txt");
    }

    @Test
    void nodeLostAndBack() throws IOException {
        UUID a = world.node("a");
        world.node("b");
        world.node("c");
        world.service("web", 4);
        world.workload("one", 1, true, RestartPolicy.ALWAYS, World.needs(250, GIB));
        play("launch", 2);
        world.silence(a, 15);
        play("a is silent for 15 s", 3);
        world.silence(a, 0);
        play("a is heard again", 3);
        compare("node-lost-and-back.txt");
    }

    private void play(String what, int rounds) {
        text.append("# ").append(what).append('\n');
        for (int round = 0; round < rounds; round++) {
            ClusterState before = world.state();
            Plan plan = world.step();
            for (Step step : plan.steps()) {
                text.append(line(step, before)).append('\n');
            }
            text.append("--\n");
            world.obey();
        }
    }

    private String line(Step step, ClusterState before) {
        return switch (step) {
            case Step.NodeLost lost -> "lost " + node(lost.nodeId());
            case Step.NodeBack back -> "back " + node(back.nodeId());
            case Step.Create create ->
                "create " + world.workload(create.workloadId()).name() + " " + create.replica() + " on "
                        + node(create.nodeId()) + (create.successorOf() == null ? "" : " as successor") + ": "
                        + create.reason() + verdicts(create.verdicts());
            case Step.Place place -> "place " + name(place.allocationId(), before) + " on " + node(place.nodeId());
            case Step.Explain explain -> "explain " + name(explain.allocationId(), before) + ": " + explain.reason();
            case Step.Stop stop -> "stop " + name(stop.allocationId(), before) + ": " + stop.reason();
            case Step.Lose lose -> "lose " + name(lose.allocationId(), before) + ": " + lose.reason();
            case Step.Remove remove -> "remove " + name(remove.allocationId(), before);
        };
    }

    private static String verdicts(List<Verdict> verdicts) {
        StringBuilder lines = new StringBuilder();
        for (Verdict verdict : verdicts) {
            lines.append("\n    ")
                    .append(verdict.chosen() ? "* " : verdict.fits() ? "+ " : "- ")
                    .append(verdict.node())
                    .append(": ")
                    .append(verdict.sentence());
        }
        return lines.toString();
    }

    private String name(UUID allocation, ClusterState before) {
        AllocationState a = before.allocations().stream()
                .filter(each -> each.id().equals(allocation))
                .findFirst()
                .orElseThrow();
        return world.workload(a.workloadId()).name() + " " + a.replica() + " of " + node(a.nodeId());
    }

    private String node(@Nullable UUID id) {
        return id == null ? "no node" : world.nodeState(id).name();
    }

    private void compare(String file) throws IOException {
        Path golden = Path.of("src/test/resources/schedule", file);
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(golden, text.toString());
        }
        assertThat(text.toString()).isEqualTo(Files.readString(golden));
    }
}
