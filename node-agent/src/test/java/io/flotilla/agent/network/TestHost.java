package io.flotilla.agent.network;

import io.flotilla.protocol.PortMapping;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A host of its own with an uplink to a world of its own, so that the machine's own network stays as it is. */
@SuppressWarnings("try") // An interrupt ends the test, and that is what it is for.
final class TestHost implements AutoCloseable {

    static final String HOST_ADDRESS = "192.168.50.2";
    static final String WORLD_ADDRESS = "192.168.50.1";
    static final int UPLINK_MTU = 1400;

    final TestNamespace host = new TestNamespace("host");
    final TestNamespace world = new TestNamespace("world");
    final Path directory;
    final Path resolvConf;
    private final List<AutoCloseable> opened = new ArrayList<>();

    TestHost(Path directory) throws Exception {
        this.directory = directory;
        this.resolvConf = Files.writeString(directory.resolve("resolv.conf"), "nameserver 192.0.2.53\nsearch test\n");
        host.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "down0", "netns", world.name);
        host.run("ip", "addr", "add", HOST_ADDRESS + "/24", "dev", "up0");
        host.run("ip", "link", "set", "up0", "up", "mtu", String.valueOf(UPLINK_MTU));
        host.run("ip", "route", "add", "default", "via", WORLD_ADDRESS);
        world.run("ip", "addr", "add", WORLD_ADDRESS + "/24", "dev", "down0");
        world.run("ip", "link", "set", "down0", "up");
    }

    NetworkConfig config(String node8) {
        return new NetworkConfig(
                node8,
                directory.resolve(node8),
                directory.resolve("names"),
                directory,
                Optional.empty(),
                resolvConf,
                directory.resolve("resolved.conf"));
    }

    NodeNetwork open(String node8) throws Exception {
        return host.call(() -> NodeNetwork.open(config(node8)));
    }

    /** A namespace that is removed with the host. */
    TestNamespace namespace() throws Exception {
        return closeLater(new TestNamespace("c"));
    }

    Peers serve(TestNamespace where, int port) throws Exception {
        return closeLater(Peers.serve(where, port));
    }

    <T extends AutoCloseable> T closeLater(T resource) {
        opened.add(resource);
        return resource;
    }

    static AttachRequest request(String containerId, TestNamespace container, PortMapping... ports) {
        return new AttachRequest(
                containerId, container.fd, containerId, "default", List.of(containerId + "-alias"), List.of(ports));
    }

    /** The names of the host's links, one in each line. */
    String links() throws Exception {
        return host.run("ip", "-o", "link")
                .lines()
                .map(line -> line.split("[:@ ]+", -1)[1])
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    String ruleset() throws Exception {
        return host.run("nft", "list", "ruleset");
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable resource : opened.reversed()) {
            resource.close();
        }
        host.close();
        world.close();
    }
}
