package io.flotilla.agent.network;

import static io.flotilla.agent.network.TestHost.HOST_ADDRESS;
import static io.flotilla.agent.network.TestHost.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.PortMapping.Protocol;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays, what goes, and what is put right again. */
@NeedsRoot
class NetworkLifeTest {

    private static final String NODE8 = "0ae1beef";
    private static final int INSIDE = 8080;
    private static final int PUBLISHED = 18082;
    private static final PortMapping FIXED = new PortMapping(INSIDE, PUBLISHED, Protocol.TCP);

    private TestHost machine;
    private NodeNetwork network;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        machine = new TestHost(directory);
        network = machine.open(NODE8);
    }

    @AfterEach
    void close() throws Exception {
        network.close();
        machine.close();
    }

    @Test
    void conflictNamesTheContainerThatPublishesThePort() throws Exception {
        network.attach(request("a-1", machine.namespace(), FIXED));
        TestNamespace second = machine.namespace();

        assertThatThrownBy(() -> network.attach(request("b-1", second, FIXED)))
                .isInstanceOf(PortTakenException.class)
                .hasMessage("host port 18082/tcp is taken: container a-1 publishes it");
        assertThat(network.attached()).containsOnlyKeys("a-1");
        assertThat(second.run("ip", "-o", "link")).doesNotContain("eth0");

        network.detach("a-1");
        assertThat(network.attach(request("b-1", second, FIXED)).ports()).containsExactly(FIXED);
    }

    @Test
    void conflictNamesTheProcessThatListensOnThePort() throws Exception {
        var udp = new PortMapping(53, PUBLISHED, Protocol.UDP);
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        var listener = machine.host.call(() -> new ServerSocket(PUBLISHED, 0, loopback));
        var receiver = machine.host.call(() -> new DatagramSocket(PUBLISHED, loopback));
        TestNamespace container = machine.namespace();
        String pid = "(pid " + ProcessHandle.current().pid() + ") listens on it";

        assertThatThrownBy(() -> network.attach(request("a-1", container, FIXED)))
                .isInstanceOf(PortTakenException.class)
                .hasMessageContaining("host port 18082/tcp is taken: ")
                .hasMessageEndingWith(pid);
        assertThatThrownBy(() -> network.attach(request("a-1", container, udp)))
                .hasMessageContaining("host port 18082/udp is taken: ")
                .hasMessageEndingWith(pid);
        listener.close();
        receiver.close();
        assertThat(network.attach(request("a-1", container, FIXED, udp)).ports())
                .containsExactly(FIXED, udp);
    }

    @Test
    void publishedPortIsTakenForEverybodyElse() throws Exception {
        network.attach(request("a-1", machine.namespace(), FIXED));

        assertThatThrownBy(() -> machine.host.call(() -> new ServerSocket(PUBLISHED)))
                .hasMessageContaining("Address already in use");
        NodeNetwork other = machine.closeLater(machine.open("0ae1feed"));
        TestNamespace container = machine.namespace();
        assertThatThrownBy(() -> other.attach(request("b-1", container, FIXED)))
                .isInstanceOf(PortTakenException.class)
                .hasMessageContaining("another Flotilla agent");
    }

    @Test
    void portWhoseLastConnectionsAreInTimeWaitIsFree() throws Exception {
        machine.host.call(() -> {
            try (var server = new ServerSocket(PUBLISHED);
                    var client = new Socket(InetAddress.getLoopbackAddress(), PUBLISHED)) {
                server.accept().close();
                return client.getInputStream().read();
            }
        });
        assertThat(network.attach(request("a-1", machine.namespace(), FIXED)).ports())
                .containsExactly(FIXED);
    }

    @Test
    void omittedHostPortIsPickedFromTheRangeAndKeptAcrossAttempts() throws Exception {
        var omitted = new PortMapping(INSIDE, null, Protocol.TCP);
        TestNamespace container = machine.namespace();
        PortMapping first =
                network.attach(request("a-1", container, omitted)).ports().getFirst();
        network.detach("a-1");
        TestNamespace next = machine.namespace();

        assertThat(first.host()).isBetween(20_000, 29_999);
        assertThat(network.attach(request("a-2", next, omitted)).ports()).containsExactly(first);
        machine.serve(next, INSIDE);
        assertThat(Peers.askTcp(machine.world, HOST_ADDRESS, Objects.requireNonNull(first.host())))
                .isEqualTo(TestHost.WORLD_ADDRESS);
    }

    @Test
    void twoHundredAttachmentsLeaveNothingBehind() throws Exception {
        String links = machine.links();
        String ruleset = machine.ruleset();
        long descriptors = openDescriptors();
        Set<Ipv4> addresses = new HashSet<>();
        TestNamespace container = machine.namespace();
        for (int i = 0; i < 200; i++) {
            String id = "a" + i + "-1";
            var udp = new PortMapping(INSIDE, null, Protocol.UDP);
            addresses.add(network.attach(request(id, container, FIXED, udp)).address());
            network.detach(id);
            Deadline.until(() -> !container.run("ip", "-o", "link").contains("eth0"));
        }

        assertThat(addresses).hasSizeGreaterThan(100);
        assertThat(network.attached()).isEmpty();
        assertThat(machine.ruleset()).isEqualTo(ruleset);
        assertThat(machine.directory.resolve(NODE8).resolve("attachments")).isEmptyDirectory();
        Deadline.until(() -> machine.links().equals(links));
        assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors);
    }

    private static long openDescriptors() throws Exception {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> {
                        try {
                            String target = Files.readSymbolicLink(fd).toString();
                            return target.startsWith("socket:") || target.startsWith("net:");
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void nextAgentTakesOverConnectionsPortsAndAddresses() throws Exception {
        TestNamespace server = machine.namespace();
        Attachment attachment = network.attach(request("a-1", server, FIXED));
        try (var listening = server.call(() -> new ServerSocket(INSIDE));
                var client = machine.world.call(() -> new Socket(HOST_ADDRESS, PUBLISHED));
                var accepted = listening.accept()) {
            network.close();
            network = machine.open(NODE8);

            assertThat(network.attached()).containsExactly(Map.entry("a-1", attachment));
            assertThat(network.attach(request("a-1", server, FIXED))).isEqualTo(attachment);
            client.getOutputStream().write(42);
            assertThat(accepted.getInputStream().read()).isEqualTo(42);
        }
        assertThatThrownBy(() -> network.attach(request("b-1", machine.namespace(), FIXED)))
                .isInstanceOf(PortTakenException.class);
        assertThat(network.attach(request("c-1", machine.namespace())).address())
                .isNotEqualTo(attachment.address());
    }

    @Test
    void nextAgentSweepsWhatWasInterrupted() throws Exception {
        String links = machine.links();
        TestNamespace first = machine.namespace();
        Attachment recordOnly = network.attach(request("a-1", first, FIXED));
        Attachment linkOnly = network.attach(request("b-1", machine.namespace()));
        network.close();
        machine.host.run("ip", "link", "del", NODE8_LINK.formatted(hostPart(recordOnly)));
        Path attachments = machine.directory.resolve(NODE8).resolve("attachments");
        Files.writeString(attachments.resolve("b-1").resolve("attachment.json"), "{\"containerId\":");
        assertThat(machine.links()).contains(NODE8_LINK.formatted(hostPart(linkOnly)));

        network = machine.open(NODE8);

        assertThat(network.attached()).isEmpty();
        assertThat(machine.links()).isEqualTo(links);
        assertThat(machine.ruleset()).doesNotContain(String.valueOf(PUBLISHED));
        assertThat(attachments).isEmptyDirectory();
        assertThat(network.attach(request("a-1", first, FIXED)).ports()).containsExactly(FIXED);
    }

    private static final String NODE8_LINK = "fv" + NODE8 + "-%04x";

    private static int hostPart(Attachment attachment) {
        return attachment.subnet().indexOf(attachment.address());
    }

    @Test
    void containerInAnotherNamespaceIsAttachedAnew() throws Exception {
        TestNamespace first = machine.namespace();
        TestNamespace second = machine.namespace();
        network.attach(request("a-1", first, FIXED));
        network.attach(request("a-1", second, FIXED));
        machine.serve(second, INSIDE);

        assertThat(Peers.askTcp(machine.world, HOST_ADDRESS, PUBLISHED)).isEqualTo(TestHost.WORLD_ADDRESS);
        assertThat(first.run("ip", "-o", "link")).doesNotContain("eth0");
    }

    @Test
    void pruneDetachesWhatIsNotAlive() throws Exception {
        network.attach(request("a-1", machine.namespace(), FIXED));
        network.attach(request("b-1", machine.namespace()));
        network.prune(Set.of("b-1", "never-seen"));
        network.prune(Set.of("b-1"));

        assertThat(network.attached()).containsOnlyKeys("b-1");
        assertThat(machine.ruleset()).doesNotContain(String.valueOf(PUBLISHED));
    }

    @Test
    void refreshLaysDownAFlushedRulesetAndTurnsForwardingOnAgain() throws Exception {
        TestNamespace server = machine.namespace();
        network.attach(request("a-1", server, FIXED));
        machine.serve(server, INSIDE);
        machine.host.run("nft", "flush", "ruleset");
        machine.host.run("sysctl", "-qw", "net.ipv4.ip_forward=0");
        network.refresh();

        assertThat(Peers.askTcp(machine.world, HOST_ADDRESS, PUBLISHED)).isEqualTo(TestHost.WORLD_ADDRESS);
    }

    @Test
    void attachAndDetachSurviveAFlushedRuleset() throws Exception {
        network.attach(request("a-1", machine.namespace(), FIXED));
        machine.host.run("nft", "flush", "ruleset");
        network.detach("a-1");
        machine.host.run("nft", "flush", "ruleset");
        network.attach(request("b-1", machine.namespace(), FIXED));

        assertThat(machine.ruleset()).containsOnlyOnce(String.valueOf(PUBLISHED));
    }

    @Test
    void purgeLeavesTheHostAsItWas() throws Exception {
        network.purge();
        String links = machine.links();
        assertThat(links).doesNotContain("fl-").doesNotContain("fv0");
        assertThat(machine.ruleset()).isEmpty();
        assertThat(machine.host.run("sysctl", "-n", "net.ipv4.ip_forward")).isEqualTo("0");
        assertThat(machine.directory.resolve(NODE8)).doesNotExist();

        network = machine.open(NODE8);
        network.attach(request("a-1", machine.namespace(), FIXED));
        assertThat(machine.host.run("sysctl", "-n", "net.ipv4.ip_forward")).isEqualTo("1");
        network.purge();
        assertThat(machine.links().lines().count()).isEqualTo(links.lines().count());
        assertThat(machine.ruleset()).isEmpty();
        assertThat(machine.directory.resolve(NODE8)).doesNotExist();
    }

    private String forwarding() throws Exception {
        return machine.host.run("sysctl", "-n", "net.ipv4.ip_forward");
    }

    @Test
    void theLastOfSeveralAgentsTurnsForwardingBack() throws Exception {
        NodeNetwork second = machine.open("0badf00d");
        network.purge();
        assertThat(forwarding()).as("the second agent needs it").isEqualTo("1");
        second.purge();
        assertThat(forwarding()).as("as it was before the first").isEqualTo("0");
        try (var left = Files.list(machine.directory)) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("forwarding"));
        }
    }

    @Test
    void forwardingThatSomebodyElseTurnedOnStaysOn() throws Exception {
        network.purge();
        machine.host.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
        network = machine.open(NODE8);
        network.purge();
        assertThat(forwarding()).isEqualTo("1");
    }

    @Test
    void forwardingIsTurnedBackAfterAnAgentThatWasKilled() throws Exception {
        network.close();
        network = machine.open(NODE8);
        network.purge();
        assertThat(forwarding()).isEqualTo("0");
    }

    @Test
    void whatWasRememberedInAnotherBootIsNoReasonToTurnForwardingOff() throws Exception {
        try (var files = Files.list(machine.directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("forwarding"))
                    .toList()) {
                Files.writeString(file, "another-boot\nup0\n");
            }
        }
        network.purge();
        assertThat(forwarding()).isEqualTo("1");
    }

    @Test
    void hostDoesNotBecomeARouterBetweenItsOwnInterfaces() throws Exception {
        TestNamespace neighbour = machine.namespace();
        network.purge();
        machine.host.run("ip", "link", "add", "up1", "type", "veth", "peer", "name", "eth0", "netns", neighbour.name);
        machine.host.run("ip", "addr", "add", "192.168.60.2/24", "dev", "up1");
        machine.host.run("ip", "link", "set", "up1", "up");
        neighbour.run("ip", "addr", "add", "192.168.60.1/24", "dev", "eth0");
        neighbour.run("ip", "link", "set", "eth0", "up");
        neighbour.run("ip", "route", "add", "default", "via", "192.168.60.2");
        machine.world.run("ip", "route", "add", "192.168.60.0/24", "via", HOST_ADDRESS);
        machine.serve(machine.world, 9090);
        network = machine.open(NODE8);

        assertThat(Peers.askTcp(neighbour, TestHost.WORLD_ADDRESS, 9090)).contains("timed out");
        TestNamespace container = machine.namespace();
        network.attach(request("a-1", container));
        assertThat(Peers.askTcp(container, TestHost.WORLD_ADDRESS, 9090)).isEqualTo(HOST_ADDRESS);
    }

    @Test
    void namesFollowThePeersOfTheSameTeam() throws Exception {
        TestNamespace first = machine.namespace();
        Attachment a = network.attach(request("a-1", first));
        Attachment b = network.attach(request("b-1", machine.namespace()));
        TestNamespace third = machine.namespace();
        network.attach(new AttachRequest("c-1", third.fd, "c", "others", List.of("secret"), List.of()));
        Path hosts = network.nameFiles("a-1").hosts();
        String own = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n# kept by Flotilla:\n"
                + a.address() + "\ta-1 a-1-alias\n";
        String end = "# the container's own:\n";
        Object inode = Files.getAttribute(hosts, "unix:ino");

        Deadline.until(() -> Files.readString(hosts).equals(own + b.address() + "\tb-1 b-1-alias\n" + end));
        network.detach("b-1");
        Deadline.until(() -> Files.readString(hosts).equals(own + end));
        assertThat(Files.getAttribute(hosts, "unix:ino")).isEqualTo(inode);
        assertThat(network.nameFiles("a-1").resolvConf())
                .hasContent("# kept by Flotilla:\nnameserver 192.0.2.53\nsearch test\n" + end);
    }

    @Test
    void whatAContainerWritesIntoItsNameFilesStaysAndDisturbsNobody() throws Exception {
        Attachment a = network.attach(request("a-1", machine.namespace()));
        network.attach(request("b-1", machine.namespace()));
        Attachment c = network.attach(request("c-1", machine.namespace()));
        Path hosts = network.nameFiles("a-1").hosts();
        Path resolvConf = network.nameFiles("a-1").resolvConf();
        Path others = network.nameFiles("b-1").hosts();
        Deadline.until(() -> Files.readString(hosts).contains("c-1"));
        Files.writeString(hosts, "192.0.2.1\tmine\n", StandardOpenOption.APPEND);
        Files.write(resolvConf, new byte[] {'n', (byte) 0xff, 0});
        try (var file = new RandomAccessFile(others.toFile(), "rw")) {
            file.setLength(1L << 40);
        }

        network.detach("c-1");
        Deadline.until(() -> !Files.readString(hosts).contains(c.address().toString()));
        assertThat(hosts).content().contains(a.address() + "\ta-1").endsWith("own:\n192.0.2.1\tmine\n");
        network.refresh();
        network.attach(request("d-1", machine.namespace()));
        Deadline.until(() -> Files.readString(hosts).contains("d-1"));
        assertThat(resolvConf).hasBinaryContent(new byte[] {'n', (byte) 0xff, 0});
        assertThat(others).hasSize(1L << 40);
    }

    @Test
    void agentsOfOneMachineKeepApart() throws Exception {
        machine.host.run(
                "ip", "route", "add", Subnet.choose("0ae1feed", Set.of()).toString(), "dev", "up0");
        NodeNetwork other = machine.closeLater(machine.open("0ae1feed"));
        TestNamespace server = machine.namespace();
        TestNamespace client = machine.namespace();
        Attachment ours = network.attach(request("a-1", server, FIXED));
        Attachment theirs = other.attach(request("a-1", client));
        machine.serve(server, INSIDE);

        assertThat(ours.subnet().overlaps(theirs.subnet())).isFalse();
        assertThat(theirs.subnet()).isNotEqualTo(Subnet.choose("0ae1feed", Set.of()));
        assertThat(Peers.askTcp(client, HOST_ADDRESS, PUBLISHED))
                .isNotEqualTo("127.0.0.1")
                .matches("[0-9.]+");
        other.purge();
        assertThat(Peers.askTcp(machine.world, HOST_ADDRESS, PUBLISHED)).isEqualTo(TestHost.WORLD_ADDRESS);
        assertThat(network.attached()).containsOnlyKeys("a-1");
    }
}
