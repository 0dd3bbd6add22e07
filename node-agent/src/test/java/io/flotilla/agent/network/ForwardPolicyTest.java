package io.flotilla.agent.network;

import static io.flotilla.agent.network.TestHost.HOST_ADDRESS;
import static io.flotilla.agent.network.TestHost.WORLD_ADDRESS;
import static io.flotilla.agent.network.TestHost.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flotilla.agent.DockerDaemon;
import io.flotilla.protocol.PortMapping;
import io.flotilla.protocol.PortMapping.Protocol;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Beside programs that drop what they do not know. */
@NeedsRoot
class ForwardPolicyTest {

    private static final String NODE8 = "0ae1d0c5";
    private static final int PUBLISHED = 18083;
    private static final String DOCKER_GATEWAY = "172.29.7.1";
    private static final String DOCKER_ADDRESS = "172.29.7.2";
    private static final PortMapping FIXED = new PortMapping(8080, PUBLISHED, Protocol.TCP);

    private TestHost machine;

    @TempDir
    Path directory;

    @BeforeEach
    void makeMachine() throws Exception {
        assumeTrue(HostCommand.find("iptables").isPresent(), "iptables is not installed");
        machine = new TestHost(directory);
    }

    @AfterEach
    void removeMachine() throws Exception {
        machine.close();
    }

    @Test
    void containersWorkBesideARunningDockerDaemon() throws Exception {
        assumeTrue(DockerDaemon.installed(), "dockerd is not installed");
        try (DockerDaemon daemon = machine.host.call(
                () -> DockerDaemon.start(directory.resolve("docker"), "--bip=" + DOCKER_GATEWAY + "/24"))) {
            Deadline.until(
                    60,
                    () -> daemon.listens() && machine.host.run("iptables", "-S").contains("-A FORWARD -j DOCKER-USER"));
            assertThat(machine.host.run("iptables", "-S")).contains("-P FORWARD DROP");
            String before = machine.host.run("iptables", "-S", "DOCKER-USER");
            NodeNetwork network = machine.open(NODE8);
            assertThatContainersWork(network);
            assertThatDockersContainersKeepTheirPorts(network);

            network.purge();
            assertThat(machine.host.run("iptables", "-S", "DOCKER-USER")).isEqualTo(before);
            assertThat(machine.host.run("sysctl", "-n", "net.ipv4.ip_forward")).isEqualTo("1");
        }
    }

    /** A namespace plays the container on Docker's bridge; it publishes one of its two ports as Docker does. */
    private void assertThatDockersContainersKeepTheirPorts(NodeNetwork network) throws Exception {
        TestNamespace docker = machine.namespace();
        machine.host.run("ip", "link", "add", "dc0", "type", "veth", "peer", "name", "eth0", "netns", docker.name);
        machine.host.run("ip", "link", "set", "dc0", "up", "master", "docker0");
        docker.run("ip", "addr", "add", DOCKER_ADDRESS + "/24", "dev", "eth0");
        docker.run("ip", "link", "set", "eth0", "up");
        docker.run("ip", "route", "add", "default", "via", DOCKER_GATEWAY);
        machine.host.run(("iptables -t filter -A DOCKER -d " + DOCKER_ADDRESS
                        + "/32 ! -i docker0 -o docker0 -p tcp --dport 8080 -j ACCEPT")
                .split(" ", -1));
        machine.serve(docker, 8080);
        machine.serve(docker, 9999);
        TestNamespace ours = machine.namespace();
        Attachment attachment = network.attach(request("c-1", ours));
        network.refresh();

        assertThat(Peers.askTcp(ours, DOCKER_ADDRESS, 8080)).isEqualTo(DOCKER_GATEWAY);
        assertThat(Peers.askTcp(ours, DOCKER_ADDRESS, 9999)).containsIgnoringCase("timed out");
        assertThat(Peers.askTcp(docker, HOST_ADDRESS, PUBLISHED))
                .isEqualTo(attachment.gateway().toString());
    }

    @Test
    void refreshFindsAPolicyThatCameLater() throws Exception {
        NodeNetwork network = machine.open(NODE8);
        machine.host.run("iptables", "-P", "FORWARD", "DROP");
        network.refresh();
        network.refresh();
        assertThatContainersWork(network);
        assertThat(machine.host.run("iptables", "-S", "FORWARD").lines()).hasSize(3);

        network.purge();
        assertThat(machine.host.run("iptables", "-S", "FORWARD")).isEqualTo("-P FORWARD DROP");
    }

    private void assertThatContainersWork(NodeNetwork network) throws Exception {
        TestNamespace server = machine.namespace();
        TestNamespace peer = machine.namespace();
        Attachment attachment = network.attach(request("a-1", server, FIXED));
        Attachment asking = network.attach(request("b-1", peer));
        machine.serve(server, 8080);
        machine.serve(machine.world, 9090);

        assertThat(Peers.askTcp(machine.world, HOST_ADDRESS, PUBLISHED)).isEqualTo(WORLD_ADDRESS);
        assertThat(Peers.askTcp(machine.host, "127.0.0.1", PUBLISHED))
                .isEqualTo(attachment.gateway().toString());
        assertThat(Peers.askTcp(peer, HOST_ADDRESS, PUBLISHED))
                .isEqualTo(attachment.gateway().toString());
        assertThat(Peers.askTcp(peer, attachment.address().toString(), 8080))
                .isEqualTo(asking.address().toString());
        assertThat(Peers.askTcp(peer, WORLD_ADDRESS, 9090)).isEqualTo(HOST_ADDRESS);
    }
}
