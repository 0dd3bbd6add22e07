package io.flotilla.agent.network;

import static io.flotilla.agent.network.TestHost.HOST_ADDRESS;
import static io.flotilla.agent.network.TestHost.WORLD_ADDRESS;
import static io.flotilla.agent.network.TestHost.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.PortMapping.Protocol;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches whom, and under which address. */
@NeedsRoot
class NodeNetworkTest {

    private static final String NODE8 = "0ae1c0de";
    private static final int INSIDE = 8080;
    private static final int PUBLISHED = 18081;

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

    private static PortMapping[] bothProtocols() {
        return new PortMapping[] {
            new PortMapping(INSIDE, PUBLISHED, Protocol.TCP), new PortMapping(INSIDE, PUBLISHED, Protocol.UDP)
        };
    }

    @ParameterizedTest(name = "bridge-nf-call-iptables={0}")
    @ValueSource(ints = {0, 1})
    void publishedPortsAnswerOnLoopbackOnNodeAddressesAndToContainers(int bridgeFilter) throws Exception {
        machine.host.run("sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=" + bridgeFilter);
        TestNamespace server = machine.namespace();
        TestNamespace peer = machine.namespace();
        Attachment attachment = network.attach(request("a-1", server, bothProtocols()));
        network.attach(request("b-1", peer));
        machine.serve(server, INSIDE);
        String gateway = attachment.gateway().toString();

        assertThat(askBoth(machine.host, "127.0.0.1")).isEqualTo(gateway + " " + gateway);
        assertThat(askBoth(machine.host, HOST_ADDRESS)).isEqualTo(HOST_ADDRESS + " " + HOST_ADDRESS);
        assertThat(askBoth(machine.host, gateway)).isEqualTo(gateway + " " + gateway);
        assertThat(askBoth(machine.world, HOST_ADDRESS)).isEqualTo(WORLD_ADDRESS + " " + WORLD_ADDRESS);
        assertThat(askBoth(peer, HOST_ADDRESS)).isEqualTo(gateway + " " + gateway);
        assertThat(askBoth(peer, gateway)).isEqualTo(gateway + " " + gateway);
        assertThat(askBoth(server, HOST_ADDRESS)).isEqualTo(gateway + " " + gateway);
    }

    @Test
    void containersReachTheWorldUnderTheNodesAddress() throws Exception {
        TestNamespace container = machine.namespace();
        network.attach(request("a-1", container));
        machine.serve(machine.world, PUBLISHED);

        assertThat(askBoth(container, WORLD_ADDRESS)).isEqualTo(HOST_ADDRESS + " " + HOST_ADDRESS);
        assertThat(container.run("ip", "-o", "link", "show", "eth0")).contains("mtu " + TestHost.UPLINK_MTU);
        assertThat(container.run("ip", "-o", "link", "show", "lo")).contains("LOOPBACK,UP");
    }

    @Test
    void containersSeeEachOthersOwnAddresses() throws Exception {
        TestNamespace server = machine.namespace();
        TestNamespace peer = machine.namespace();
        Attachment attachment = network.attach(request("a-1", server));
        Attachment asking = network.attach(request("b-1", peer));
        machine.serve(server, PUBLISHED);

        assertThat(askBoth(peer, attachment.address().toString())).isEqualTo(asking.address() + " " + asking.address());
    }

    @Test
    void whatIsNotPublishedIsClosedToTheWorld() throws Exception {
        TestNamespace server = machine.namespace();
        Attachment attachment = network.attach(request("a-1", server, bothProtocols()));
        machine.serve(server, 9090);
        machine.world.run("ip", "route", "add", attachment.subnet().toString(), "via", HOST_ADDRESS);

        assertThat(Peers.askTcp(machine.world, attachment.address().toString(), 9090))
                .contains("timed out");
        assertThat(Peers.askTcp(machine.host, attachment.address().toString(), 9090))
                .isEqualTo(attachment.gateway().toString());
    }

    @Test
    void containersCannotReachTheHostsLoopback() throws Exception {
        TestNamespace container = machine.namespace();
        Attachment attachment = network.attach(request("a-1", container));
        machine.serve(machine.host, 9090);
        container.run("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1");
        container.run("ip", "route", "del", "local", "127.0.0.0/8", "dev", "lo", "table", "local");
        container.run("ip", "route", "del", "local", "127.0.0.1", "dev", "lo", "table", "local");
        container.run(
                "ip", "route", "add", "127.0.0.0/8", "via", attachment.gateway().toString());

        assertThat(Peers.askTcp(container, "127.0.0.1", 9090)).contains("timed out");
        assertThat(Peers.askTcp(container, HOST_ADDRESS, 9090))
                .isEqualTo(attachment.address().toString());
    }

    @Test
    void resolverOnTheHostsLoopbackAnswersAtTheGateway() throws Exception {
        Files.writeString(machine.resolvConf, "nameserver 127.0.0.53\n");
        network.refresh();
        TestNamespace container = machine.namespace();
        Attachment attachment = network.attach(request("a-1", container));
        machine.closeLater(Peers.serveOn(machine.host, "127.0.0.53", 53));

        assertThat(network.nameFiles("a-1").resolvConf())
                .content()
                .contains("\nnameserver " + attachment.gateway() + "\n");
        assertThat(Peers.askUdp(container, attachment.gateway().toString(), 53))
                .isEqualTo(attachment.address().toString());
        assertThat(Peers.askTcp(container, attachment.gateway().toString(), 53))
                .isEqualTo(attachment.address().toString());
    }

    @Test
    void udpClientThatNeverPausesReachesTheContainerThatComesLater() throws Exception {
        machine.host.call(() -> {
            try (var client = new DatagramSocket()) {
                client.connect(new InetSocketAddress(HOST_ADDRESS, PUBLISHED));
                client.setSoTimeout(200);
                client.send(new DatagramPacket(new byte[1], 1));
                TestNamespace server = machine.namespace();
                network.attach(request("a-1", server, bothProtocols()));
                machine.serve(server, INSIDE);
                return Peers.askUntilAnswered(client);
            }
        });
    }

    @Test
    void countsTrafficAsTheContainerSeesIt() throws Exception {
        TestNamespace container = machine.namespace();
        network.attach(request("a-1", container));
        machine.serve(machine.world, PUBLISHED);
        NetworkStats before = network.stats("a-1").orElseThrow();
        container.call(() -> {
            try (var socket = new DatagramSocket()) {
                socket.send(new DatagramPacket(new byte[1000], 1000, new InetSocketAddress(WORLD_ADDRESS, 9)));
            }
            return container;
        });

        // The packet waits until the world's hardware address is known.
        Deadline.until(() -> network.stats("a-1").orElseThrow().sentBytes() - before.sentBytes() >= 1000);
        NetworkStats after = network.stats("a-1").orElseThrow();
        assertThat(after.sentBytes() - before.sentBytes()).isBetween(1000L, 2000L);
        assertThat(after.sentPackets()).isGreaterThan(before.sentPackets());
        assertThat(after.receivedBytes() - before.receivedBytes()).isLessThan(1000);
        assertThat(network.stats("unknown")).isEmpty();
    }

    private static String askBoth(TestNamespace from, String host) throws Exception {
        return Peers.askTcp(from, host, PUBLISHED) + " " + Peers.askUdp(from, host, PUBLISHED);
    }
}
