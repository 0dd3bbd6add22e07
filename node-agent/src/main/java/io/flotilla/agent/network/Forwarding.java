package io.flotilla.agent.network;

import io.flotilla.agent.network.Links.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's switches for forwarding, in the calling thread's network namespace. Turning forwarding on makes a router
 * of the whole host; so it is remembered between which interfaces it was not one before, and the tables keep it so.
 *
 * <p>All agents of a host share one record for each network namespace: the first who turns the switch writes it, the last
 * who leaves turns the switch back, and a killed one's bridge, which nobody has purged, counts as an agent.
 */
final class Forwarding {

    private static final Path IPV4 = Path.of("/proc/sys/net/ipv4");
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String ON = "1";
    private static final String OFF = "0";
    private static final String BRIDGES = "fl-";
    private static final String LINKS = "fv";

    /** The boot's id, then the interfaces there were when Flotilla turned forwarding on; missing if it was on already. */
    private final Path record;

    /** @param shared a directory that all agents of this host use */
    Forwarding(Path shared) throws IOException {
        Object namespace = Files.getAttribute(Path.of("/proc/thread-self/ns/net"), "unix:ino");
        this.record = shared.resolve("forwarding-" + namespace);
    }

    /** Turns forwarding on if it is off. */
    void enable(Collection<Link> links) throws IOException {
        if (read("ip_forward").equals(ON)) {
            return;
        }
        if (before().isEmpty()) {
            List<String> lines = new ArrayList<>(List.of(bootId()));
            links.stream().map(Link::name).filter(Forwarding::ofTheHost).forEach(lines::add);
            Files.write(record, lines);
        }
        write("ip_forward", ON);
    }

    /** The interfaces that the host shall not forward between. */
    List<String> unrouted() throws IOException {
        return before().orElse(List.of());
    }

    /**
     * Turns off what Flotilla turned on, unless another agent's bridge is there, or an interface came since that may rely on
     * it, such as another program's bridge.
     */
    void restore(Collection<Link> links) throws IOException {
        Optional<List<String>> before = before();
        boolean shared = links.stream().anyMatch(link -> link.name().startsWith(BRIDGES));
        if (shared || before.isEmpty()) {
            return;
        }
        if (links.stream().map(Link::name).filter(Forwarding::ofTheHost).allMatch(before.get()::contains)) {
            write("ip_forward", OFF);
        }
        Files.delete(record);
    }

    private static boolean ofTheHost(String link) {
        return !link.equals("lo") && !link.startsWith(BRIDGES) && !link.startsWith(LINKS);
    }

    /** Empty where forwarding was on before us. What was written in another boot says nothing of this one. */
    private Optional<List<String>> before() throws IOException {
        if (!Files.exists(record)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(record);
        return lines.isEmpty() || !lines.getFirst().equals(bootId())
                ? Optional.empty()
                : Optional.of(lines.subList(1, lines.size()));
    }

    private static String bootId() throws IOException {
        return Files.readString(BOOT).strip();
    }

    /** Lets 127.0.0.1 reach containers over this bridge; the table drops what containers send to it. */
    void routeLoopbackOver(String bridge) throws IOException {
        write("conf/" + bridge + "/route_localnet", ON);
    }

    private static String read(String name) throws IOException {
        return Files.readString(IPV4.resolve(name)).strip();
    }

    private static void write(String name, String value) throws IOException {
        if (read(name).equals(value)) {
            return;
        }
        try {
            Files.writeString(IPV4.resolve(name), value);
        } catch (IOException e) {
            throw new NetworkException("set net.ipv4." + name.replace('/', '.') + " to " + value, e);
        }
    }
}
