package io.flotilla.agent.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.oci.LinuxSpec.NamespaceType;
import io.flotilla.protocol.AllocationSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OrdinaryTest {

    private static final UserTable USERS = new UserTable(
            "root:x:0:0::/root:/bin/sh\napp:x:70000:70000::/:/bin/sh\n".getBytes(StandardCharsets.UTF_8), null);
    private static final ImageDefaults IMAGE = new ImageDefaults(
            List.of("/entry"), List.of("serve"), List.of("A=image", "B=image"), null, "/srv", "SIGQUIT", List.of());
    private static final Ordinary.Node NODE =
            new Ordinary.Node(0x10000000L, 65_536, 1_048_576, Path.of("/h"), Path.of("/r"), null, List.of());

    private static RuntimeSpec spec(AllocationSpec allocation) {
        return Ordinary.spec(allocation, IMAGE, USERS, NODE);
    }

    private static ProcessSpec.Capabilities capabilities(RuntimeSpec spec) {
        return Objects.requireNonNull(spec.requireProcess().capabilities());
    }

    @Test
    void isolatesByDefault() {
        RuntimeSpec spec = spec(Allocations.of().build());
        LinuxSpec linux = spec.requireLinux();
        ProcessSpec process = spec.requireProcess();
        assertThat(NamespaceType.values()).filteredOn(type -> !linux.owns(type)).containsExactly(NamespaceType.TIME);
        assertThat(linux.uidMappings()).containsExactly(new LinuxSpec.IdMapping(0, 0x10000000L, 65_536));
        assertThat(process.noNewPrivileges()).isTrue();
        assertThat(capabilities(spec).bounding()).hasSizeLessThanOrEqualTo(14).doesNotContain("CAP_MKNOD");
        assertThat(capabilities(spec).inheritable()).isEmpty();
        assertThat(capabilities(spec).ambient()).isEmpty();
        assertThat(linux.maskedPaths()).contains("/proc/kcore", "/sys/firmware");
        assertThat(linux.readonlyPaths()).contains("/proc/sys");
        assertThat(linux.limits().pids()).isEqualTo(new Resources.Pids(256));
    }

    @Test
    void leavesTheUserNamespaceOutOnlyWhenAsked() {
        Ordinary.Node host = new Ordinary.Node(null, 0, 1024, null, null, null, List.of());
        RuntimeSpec spec = Ordinary.spec(
                Allocations.of().userns(AllocationSpec.Isolation.HOST).build(), IMAGE, USERS, host);
        assertThat(spec.requireLinux().owns(NamespaceType.USER)).isFalse();
        assertThat(spec.requireLinux().uidMappings()).isEmpty();
    }

    @Test
    void turnsLimitsIntoTheSpecificationsUnits() {
        Resources resources = spec(Allocations.of().build()).requireLinux().limits();
        assertThat(resources.cpu()).isEqualTo(Resources.Cpu.of(256L, 25_000L, 100_000L));
        assertThat(resources.memory()).isEqualTo(Resources.Memory.of(64L << 20, null, 64L << 20));
    }

    @Test
    void combinesEntryPointAndCommandAsDockerDoes() {
        assertThat(arguments(null, null)).containsExactly("/entry", "serve");
        assertThat(arguments(null, List.of("x"))).containsExactly("/entry", "x");
        assertThat(arguments(List.of("/own"), null)).containsExactly("/own");
        assertThat(arguments(List.of("/own"), List.of("x"))).containsExactly("/own", "x");
    }

    private static List<String> arguments(@Nullable List<String> command, @Nullable List<String> args) {
        return spec(Allocations.of().command(command).args(args).build())
                .requireProcess()
                .args();
    }

    @Test
    void letsTheAllocationOverrideTheImagesEnvironment() {
        AllocationSpec allocation =
                Allocations.of().env(Map.of("B", "own", "C", "x=y")).build();
        assertThat(spec(allocation).requireProcess().env())
                .contains("A=image", "B=own", "C=x=y", "HOME=/root")
                .doesNotContain("B=image")
                .anyMatch(variable -> variable.startsWith("PATH=/usr/local/sbin"));
    }

    @Test
    void bindsSysWhereTheNetworkIsTheHosts() {
        RuntimeSpec spec =
                spec(Allocations.of().network(AllocationSpec.Network.HOST).build());
        assertThat(spec.mounts())
                .filteredOn(mount -> mount.destination().equals("/sys"))
                .allMatch(
                        mount -> "bind".equals(mount.type()) && mount.options().contains("ro"));
        assertThat(spec.requireLinux().sysctl()).isEmpty();
    }

    @Test
    void addsAndDropsCapabilities() {
        AllocationSpec allocation = Allocations.of()
                .capabilities(List.of("NET_ADMIN", "cap_sys_ptrace"), List.of("ALL"))
                .build();
        assertThat(capabilities(spec(allocation)).bounding()).containsExactly("CAP_NET_ADMIN", "CAP_SYS_PTRACE");
    }

    @Test
    void namesTheFieldThatIsWrong() {
        assertWrong(Allocations.of().user("nobody").build(), "user: ");
        assertWrong(Allocations.of().user("app").build(), "user: id 70000 is outside");
        assertWrong(Allocations.of().command(List.of("")).build(), "command: ");
        assertWrong(Allocations.of().capabilities(List.of("FLY"), List.of()).build(), "capAdd[0]: ");
        assertWrong(Allocations.of().stopSignal("SIGNOPE").build(), "stopSignal: ");
        assertWrong(Allocations.of().workingDir("srv").build(), "workingDir: ");
        assertWrong(Allocations.of().env(Map.of("A=B", "c")).build(), "env: ");
        ImageDefaults empty = new ImageDefaults(List.of(), List.of(), List.of(), null, null, null, List.of());
        assertThatThrownBy(() -> Ordinary.spec(Allocations.of().command(null).build(), empty, USERS, NODE))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith("command: ");
    }

    private static void assertWrong(AllocationSpec allocation, String message) {
        assertThatThrownBy(() -> spec(allocation))
                .isInstanceOf(SpecException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void readsSignalsByNameAndNumber() {
        assertThat(Ordinary.stopSignal(Allocations.of().build(), IMAGE)).isEqualTo(3);
        assertThat(Ordinary.stopSignal(Allocations.of().stopSignal("RTMIN+3").build(), IMAGE))
                .isEqualTo(37);
        assertThat(Ordinary.stopSignal(Allocations.of().stopSignal("9").build(), IMAGE))
                .isEqualTo(9);
    }

    @Test
    void survivesAJourneyThroughJson() {
        RuntimeSpec spec = spec(Allocations.of().build());
        assertThat(SpecJson.read(SpecJson.write(spec))).isEqualTo(spec);
        assertThatThrownBy(() -> SpecJson.read("{\"mounts\":7}")).isInstanceOf(SpecException.class);
    }
}
