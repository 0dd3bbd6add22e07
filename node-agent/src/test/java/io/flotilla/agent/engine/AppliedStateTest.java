package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.agent.oci.Allocations;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.AppliedState;
import io.flotilla.protocol.AppliedState.Setting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kernel says of a running container. */
@Tag("kernel")
class AppliedStateTest {

    private TestNode node;

    @BeforeEach
    void open() throws Exception {
        node = new TestNode();
    }

    @AfterEach
    void close() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    private static Allocations sleeper() {
        return Allocations.of().command(List.of("sleep", "1000"));
    }

    private static Setting setting(AppliedState state, String field) {
        return state.settings().stream()
                .filter(each -> each.field().equals(field))
                .findFirst()
                .orElseThrow(() -> new AssertionError(field + " is not in " + state));
    }

    @Test
    void allOfAnOrdinaryContainerIsInForceAsAsked() throws Exception {
        ContainerId id = node.start(sleeper()
                .network(AllocationSpec.Network.BRIDGE)
                .resources(500, 64 << 20, 100)
                .build());
        AppliedState state = node.containers.applied(id);
        assertThat(state.settings()).filteredOn(Setting::differs).isEmpty();
        assertThat(setting(state, "linux.namespaces.user").inForce()).isEqualTo("its own");
        assertThat(setting(state, "linux.namespaces.time").inForce()).isEqualTo("the node's");
        assertThat(setting(state, "linux.uidMappings").inForce()).matches("0 is [0-9]+, 65536 ids");
        assertThat(setting(state, "process.capabilities.bounding").inForce())
                .contains("CHOWN", "SETFCAP")
                .doesNotContain("SYS_ADMIN");
        assertThat(setting(state, "process.capabilities.inheritable").inForce()).isEqualTo("none");
        assertThat(setting(state, "linux.seccomp").inForce()).startsWith("filtered");
        assertThat(setting(state, "linux.seccomp").asked()).startsWith("profile sha256:");
        assertThat(setting(state, "linux.resources.memory.limit").inForce()).isEqualTo("67108864");
        assertThat(setting(state, "linux.resources.pids.limit").inForce()).isEqualTo("100");
        assertThat(setting(state, "linux.maskedPaths").inForce()).endsWith("that this kernel has");
        assertThat(setting(state, "root.readonly").inForce()).isEqualTo("no");
    }

    @Test
    void whatIsLessThanUsualIsAskedForAndNoDifference() throws Exception {
        ContainerId id = node.start(sleeper()
                .user("app")
                .readOnlyRootfs()
                .network(AllocationSpec.Network.HOST)
                .build());
        AppliedState state = node.containers.applied(id);
        assertThat(state.settings()).filteredOn(Setting::differs).isEmpty();
        assertThat(setting(state, "linux.namespaces.network").inForce()).isEqualTo("the node's");
        assertThat(setting(state, "process.capabilities.effective").inForce()).isEqualTo("none");
        assertThat(setting(state, "root.readonly").inForce()).isEqualTo("yes");
    }

    @Test
    void aLimitThatSomebodyHasChangedBehindOurBackIsMarked() throws Exception {
        ContainerId id = node.start(sleeper().build());
        for (Path group : node.parts.cgroups().find(id.toString()).orElseThrow().directories()) {
            Path limit = group.resolve("pids.max");
            if (Files.exists(limit)) {
                Files.writeString(limit, "max");
            }
        }
        AppliedState state = node.containers.applied(id);
        assertThat(state.settings())
                .filteredOn(Setting::differs)
                .containsExactly(new Setting("linux.resources.pids.limit", "256", "no limit", true));
        assertThat(state.differences()).isEqualTo(1);
    }

    @Test
    void aProcessOutsideOfItsControlGroupIsMarked() throws Exception {
        ContainerId id = node.start(sleeper().build());
        long pid = node.containers.applied(id).pid();
        node.parts.cgroups().shims().add(pid);
        AppliedState state = node.containers.applied(id);
        assertThat(state.settings())
                .filteredOn(Setting::differs)
                .extracting(Setting::field)
                .containsExactly("linux.cgroupsPath");
        assertThat(setting(state, "linux.cgroupsPath").inForce()).startsWith("not in ");
    }
}
