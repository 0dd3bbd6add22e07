package io.flotilla.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.agent.oci.Allocations;
import io.flotilla.agent.plan.ContainerId;
import io.flotilla.protocol.AllocationSpec;
import io.flotilla.protocol.PortMapping;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole containers on this kernel, from an allocation to its end. */
@Tag("kernel")
class ContainersTest {

    private static TestNode node;

    @BeforeAll
    static void open() throws Exception {
        node = new TestNode();
    }

    @AfterAll
    static void close() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    private static ContainerId start(String script) throws StartException {
        return node.start(Allocations.of().command(List.of("sh", "-c", script)).build());
    }

    private static void remove(ContainerId id) throws Exception {
        node.containers.remove(id);
        node.containers.removeAllocation(id.allocationId());
    }

    @Test
    void runsAProgramToItsEndAndKeepsItsOutput() throws Exception {
        ContainerId id = start("echo hello; echo $FROM_IMAGE >&2; exit 3");
        ContainerExit exit = node.awaitExit(id);
        assertThat(exit.code()).isEqualTo(3);
        assertThat(exit.oomKilled()).isFalse();
        assertThat(exit.ran()).isPositive();
        assertThat(node.log(id)).contains("hello\n", "yes\n");
        assertThat(node.told.stream().filter(t -> t.container().equals(id))).hasSize(1);
        remove(id);
        assertThat(node.containers.find(id)).isEmpty();
    }

    @Test
    void isolatesItFromTheHost() throws Exception {
        String seen = node.run(
                Allocations.of(),
                "cat /proc/self/status /proc/self/uid_map; echo host $(hostname); echo pid $$; ls /dev; cat /proc/self/cgroup;"
                        + " echo open $(ls /proc/self/fd | wc -l); mount; stat -c %u /bin/busybox; cat /etc/hosts /etc/hostname");
        assertThat(seen)
                .containsPattern("CapEff:\\s+00000000a00425fb")
                .containsPattern("CapInh:\\s+0000000000000000")
                .containsPattern("CapBnd:\\s+00000000a00425fb")
                .containsPattern("NoNewPrivs:\\s+1")
                .containsPattern("Seccomp:\\s+2")
                .containsPattern("SigBlk:\\s+0000000000000000")
                .containsPattern("\\n\\s+0\\s+[0-9]{9,10}\\s+65536\\n")
                .contains("\npid 1\n", "\nnull\n", "\nshm\n")
                .doesNotContain("flotilla-")
                .contains("127.0.0.1\tlocalhost");
    }

    @Test
    void showsItsLimitsToIt() throws Exception {
        String seen = node.run(
                Allocations.of().resources(500, 48 << 20, 77),
                "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max;"
                        + "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max;"
                        + "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max");
        assertThat(seen).contains(String.valueOf(48 << 20), "50000", "77\n");
    }

    @Test
    void seesAKillForWantOfMemory() throws Exception {
        AllocationSpec spec = Allocations.of()
                .resources(1000, 16 << 20, 20)
                .command(List.of("tail", "/dev/zero"))
                .build();
        ContainerId id = node.start(spec);
        ContainerExit exit = node.awaitExit(id);
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.oomKilled()).isTrue();
        remove(id);
    }

    @Test
    void stopsForksAtThePidsLimit() throws Exception {
        String seen = node.run(
                Allocations.of().resources(1000, 64 << 20, 6),
                "(for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done) 2>&1; kill -9 -1; echo over");
        assertThat(seen).contains("can't fork");
    }

    @Test
    void throttlesAtTheProcessorLimit() throws Exception {
        ContainerId id = node.start(Allocations.of()
                .resources(50, 64 << 20, 20)
                .command(List.of("sh", "-c", "while :; do :; done"))
                .build());
        TestNode.await(() -> throttled(id) > 0);
        remove(id);
    }

    private static long throttled(ContainerId id) {
        try {
            return node.containers.stats(id).cgroup().cpu().throttledPeriods();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void asksToEndBeforeItKills() throws Exception {
        ContainerId polite = start("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        TestNode.await(() -> logHas(polite, "up"));
        node.containers.stop(polite, Duration.ofSeconds(20));
        assertThat(node.awaitExit(polite).code()).isZero();
        assertThat(node.log(polite)).contains("bye");
        node.containers.stop(polite, Duration.ofSeconds(20));
        remove(polite);

        ContainerId deaf = start("trap '' TERM; echo up; while :; do sleep 0.05; done");
        TestNode.await(() -> logHas(deaf, "up"));
        node.containers.stop(deaf, Duration.ofMillis(300));
        assertThat(node.awaitExit(deaf).code()).isEqualTo(137);
        assertThat(node.awaitExit(deaf).oomKilled()).isFalse();
        remove(deaf);
    }

    @Test
    void usesTheStopSignalThatWasAskedFor() throws Exception {
        ContainerId id = node.start(Allocations.of()
                .stopSignal("SIGUSR1")
                .command(List.of("sh", "-c", "trap 'exit 42' USR1; echo up; while :; do sleep 0.05; done"))
                .build());
        TestNode.await(() -> logHas(id, "up"));
        node.containers.stop(id, Duration.ofSeconds(20));
        assertThat(node.awaitExit(id).code()).isEqualTo(42);
        remove(id);
    }

    private static boolean logHas(ContainerId id, String text) {
        try {
            return node.log(id).contains(text);
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    void saysWhyAProgramCouldNotBeStarted() throws Exception {
        assertFailsWith(Allocations.of().command(List.of("nonsense")).build(), 127, "nonsense");
        assertFailsWith(Allocations.of().command(List.of("/plain")).build(), 126, "/plain");
        assertFailsWith(Allocations.of().command(List.of("sh")).user("nobody").build(), 125, "user: ");
        assertThat(node.containers.list()).isEmpty();
        assertThat(node.parts.cgroups().list()).isEmpty();
        try (var left = Files.list(node.paths.containersRuntime())) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void saysWhoHasAPublishedPortAndLeavesNothingBehind() throws Exception {
        AllocationSpec spec;
        try (ServerSocket taken = new ServerSocket(0)) {
            int port = taken.getLocalPort();
            spec = Allocations.of()
                    .network(AllocationSpec.Network.BRIDGE)
                    .ports(List.of(new PortMapping(80, port, PortMapping.Protocol.TCP)))
                    .command(List.of("sleep", "1000"))
                    .build();
            assertThatThrownBy(() -> node.start(spec))
                    .isInstanceOf(StartException.class)
                    .hasMessageStartingWith("host port " + port + "/tcp is taken: ")
                    .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()))
                    .satisfies(e -> assertThat(((StartException) e).lasting()).isFalse());
        }
        assertThat(node.containers.list()).isEmpty();
        assertThat(node.parts.network().attached()).isEmpty();
        assertThat(node.parts.cgroups().list()).isEmpty();
        remove(node.start(spec));
    }

    private static void assertFailsWith(AllocationSpec spec, int code, String part) throws Exception {
        assertThatThrownBy(() -> node.start(spec))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(part)
                .extracting(e -> ((StartException) e).exitCode())
                .isEqualTo(code);
        node.containers.removeAllocation(spec.allocationId());
    }

    @Test
    void becomesTheUserWithExactlyItsGroups() throws Exception {
        assertThat(node.run(Allocations.of().user("app"), "id; cat /proc/self/status; echo $HOME; touch /tmp/x"))
                .contains("uid=1000", "gid=1001", "/srv")
                .containsPattern("Groups:\\s+50 1001 ?\\n|Groups:\\s+50 ?\\n")
                .containsPattern("CapEff:\\s+0000000000000000");
        assertThat(node.run(Allocations.of().user("4242:77"), "id")).contains("uid=4242", "gid=77");
    }

    @Test
    void keepsTheWritableLayerBetweenAttempts() throws Exception {
        AllocationSpec spec = Allocations.of()
                .command(List.of("sh", "-c", "cat /root/kept 2>/dev/null; echo attempt >> /root/kept"))
                .build();
        ContainerId first = node.start(spec, 1);
        node.awaitExit(first);
        node.containers.remove(first);
        ContainerId second = node.start(spec, 2);
        node.awaitExit(second);
        assertThat(node.log(second)).isEqualTo("attempt\n");
        node.containers.remove(second);
        node.containers.removeAllocation(spec.allocationId());
        assertThat(node.parts.snapshots().list()).isEmpty();
    }

    @Test
    void worksWithTheHostsUsersAndNetworkWhenAsked() throws Exception {
        String seen = node.run(
                Allocations.of().userns(AllocationSpec.Isolation.HOST).network(AllocationSpec.Network.HOST),
                "cat /proc/self/uid_map; readlink /proc/self/ns/net; mknod /dev/sda b 8 0 2>&1; ls -l /dev/null");
        assertThat(seen)
                .containsPattern("0\\s+0\\s+4294967295")
                .contains(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString())
                .contains("mknod: /dev/sda: Operation not permitted", "1,");
    }

    @Test
    void mayWriteItsNameFiles() throws Exception {
        String write =
                "for f in hosts hostname resolv.conf; do stat -c '%u %a' /etc/$f; echo '# mine' >>/etc/$f && tail -n 1"
                        + " /etc/$f; done 2>&1";
        String written = "0 644\n# mine\n".repeat(3);
        assertThat(node.run(Allocations.of().network(AllocationSpec.Network.BRIDGE), write))
                .isEqualTo(written);
        String hosts = Files.readString(Path.of("/etc/hosts"));
        assertThat(node.run(
                        Allocations.of().userns(AllocationSpec.Isolation.HOST).network(AllocationSpec.Network.HOST),
                        write))
                .isEqualTo(written);
        assertThat(Path.of("/etc/hosts")).hasContent(hosts);
    }

    @Test
    void canHaveAReadOnlyRoot() throws Exception {
        assertThat(node.run(
                        Allocations.of().readOnlyRootfs(),
                        "touch /x 2>&1; touch /dev/shm/y && echo shm; echo x 2>&1 >>/etc/hosts || echo fixed"))
                .contains("Read-only file system", "shm", "fixed");
    }

    @Test
    void connectsItToTheBridge() throws Exception {
        AllocationSpec spec = Allocations.of()
                .network(AllocationSpec.Network.BRIDGE)
                .command(List.of("sh", "-c", "ip addr; cat /etc/resolv.conf; sleep 1000"))
                .build();
        ContainerId id = node.start(spec);
        String address =
                Objects.requireNonNull(node.containers.find(id).orElseThrow().address());
        TestNode.await(() -> logHas(id, address));
        assertThat(node.containers.stats(id).network()).isPresent();
        remove(id);
        assertThat(node.parts.network().attached()).isEmpty();
    }

    @Test
    void pausesAndResumes() throws Exception {
        ContainerId id = start("while :; do :; done");
        node.containers.pause(id);
        assertThat(node.containers.find(id).orElseThrow().status()).isEqualTo(ContainerStatus.PAUSED);
        node.containers.resume(id);
        assertThat(node.containers.find(id).orElseThrow().status()).isEqualTo(ContainerStatus.RUNNING);
        node.containers.pause(id);
        node.containers.stop(id, Duration.ofMillis(100));
        assertThat(node.awaitExit(id).code()).isEqualTo(143 - 15 + 9);
        remove(id);
    }

    @Test
    void overridesTheImagesEnvironment() throws Exception {
        assertThat(node.run(Allocations.of().env(Map.of("FROM_IMAGE", "no", "B", "a b=c")), "env"))
                .contains("FROM_IMAGE=no\n", "B=a b=c\n", "PATH=");
    }
}
