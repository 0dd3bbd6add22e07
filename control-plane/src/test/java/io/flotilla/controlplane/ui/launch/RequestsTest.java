package io.flotilla.controlplane.ui.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.controlplane.schedule.WorkloadState.Wanted;
import io.flotilla.controlplane.workload.Kind;
import io.flotilla.controlplane.workload.RevisionSpec;
import io.flotilla.controlplane.workload.WorkloadRequest;
import io.flotilla.controlplane.workload.WorkloadRequest.ResourcesRequest;
import io.flotilla.controlplane.workload.WorkloadView;
import io.flotilla.protocol.AllocationSpec.Isolation;
import io.flotilla.protocol.AllocationSpec.Network;
import io.flotilla.protocol.Digest;
import io.flotilla.protocol.ImageName;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.Resources;
import io.flotilla.protocol.RestartPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RequestsTest {

    private static final RevisionSpec SPEC = new RevisionSpec(
            ImageName.parse("flotilla/sample:latest"),
            new Digest("sha256:" + "a".repeat(64)),
            Set.of("amd64"),
            List.of("/bin/sh", "-c"),
            List.of("exec sleep 'a b'"),
            Map.of("A", "b c", "EMPTY", ""),
            "/srv",
            "1000:1000",
            "box",
            true,
            false,
            new Resources(300, 100_000_001, 512L, 50_000_000L, 1 << 20, 77),
            List.of(
                    new PortMapping(80, 8080, PortMapping.Protocol.TCP),
                    new PortMapping(53, null, PortMapping.Protocol.UDP)),
            RestartPolicy.ON_FAILURE,
            true,
            Map.of("disk", "ssd"),
            "SIGINT",
            2_500,
            Isolation.HOST,
            Network.BRIDGE,
            true,
            List.of("NET_ADMIN"),
            List.of("CHOWN"));

    private static WorkloadView workload() {
        Instant then = Instant.parse("2026-11-23T14:32:07Z");
        return new WorkloadView(
                new UUID(0, 1),
                "box",
                new UUID(0, 2),
                "default",
                Kind.SERVICE,
                Wanted.RUNNING,
                WorkloadView.Status.RUNNING,
                3,
                3,
                null,
                1,
                SPEC,
                then,
                "ops-1",
                then);
    }

    /** What is sent back unchanged must change nothing, whatever the form shows or does not show. */
    @Test
    void aFormThatIsSentBackAsItWasKeepsEveryValueOfTheSpec() {
        WorkloadView workload = workload();
        WorkloadRequest kept = Requests.of(LaunchBuilder.form(workload, false), SPEC);
        WorkloadRequest whole = Requests.of(workload, SPEC);
        assertThat(kept)
                .usingRecursiveComparison()
                .ignoringFields("image", "resources")
                .isEqualTo(whole);
        assertThat(kept.image()).isEqualTo("flotilla/sample:latest");
        ResourcesRequest resources = Objects.requireNonNull(kept.resources());
        assertThat(resources.memory()).isEqualTo("100000001");
        assertThat(resources.cpu()).isEqualByComparingTo("0.3");
        assertThat(resources.memoryReservation()).isEqualTo("50000000");
        assertThat(resources.swap()).isEqualTo("1048576");
        assertThat(resources.cpuShares()).isEqualTo(512);
        assertThat(resources.pids()).isEqualTo(77);
    }

    @Test
    void aNewTerminalKeepsItsInputOpen() {
        LaunchForm form = LaunchForm.blank("default").with("name", "shell").with("tty", true);
        assertThat(Requests.of(form, null).stdin()).isTrue();
    }

    @Test
    void noArgumentsAreSomethingElseThanTheImages() {
        LaunchForm form = LaunchForm.blank("default").with("name", "bare");
        assertThat(Requests.of(form, null).args()).isNull();
        assertThat(Requests.of(form.with("noArgs", true), null).args()).isEmpty();
    }
}
